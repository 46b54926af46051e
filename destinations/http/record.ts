import type { Batch, Exchange, Outcome } from "millrace/destination";
import { all, anyValue, byIndex, byStatus, defineObject, exact, pointer, rowByRow } from "millrace/destination";
import { accepted, textAt, told } from "millrace/destination";
import { bodyOf, operationOf, rowValues, runValues, send, verdict } from "./operation.ts";
import { deliverRow } from "./row.ts";
import type { Config, Many, Where } from "./settings.ts";

/** Several rows in a request: a result for each of them, or all fare alike. */
function* deliverMany(batch: Batch, ctx: Where, { under, results }: Many): Exchange<readonly Outcome[]> {
  const { answer } = ctx.config;
  const operation = operationOf(ctx, batch.op);
  const rows = batch.changes.map((change) => bodyOf(operation, ctx, rowValues(change, ctx, change.before?.remoteId)));
  const values = { ...runValues(ctx), idempotency_key: batch.id };
  const response = yield* send(operation, ctx, values, under === "" ? rows : { [under]: rows });
  const whole = byStatus(response, textAt(response.body, answer.message));
  if (whole.status !== "accepted" || results === undefined)
    return all(batch, verdict(response, { ...operation, id: undefined }, ctx.config));
  return byIndex(batch, pointer(response.body, results), (result: unknown) => {
    const outcome = told(result, answer);
    return outcome.status === "accepted" ? accepted(textAt(result, operation.id)) : outcome;
  });
}

function deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const { many } = ctx.config;
  return many === undefined ? rowByRow(batch, (change) => deliverRow(change, ctx)) : deliverMany(batch, ctx, many);
}

/** `record`: whatever the API keeps. */
export const record = defineObject<Config, string>({
  describe: "A record of the API",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "once",
  refusal: "atomic",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue({ describe: "What templates call fields.<name>" }),
  limits: { rows: 1 },
  configure: ({ many, find, delivery = find ? "set" : "once", remembers_hours }) => ({
    // A row at a time is a batch of its own: a lost answer holds that row only.
    limits: { rows: many?.rows ?? 1 },
    delivery,
    ...(delivery === "keyed" && { windowMs: remembers_hours * 3_600_000 }),
  }),
  deliver,
});
