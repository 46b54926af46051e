import type { Batch, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, defineObject, inGroups, only, skipped, text } from "millrace/destination";
import { z } from "zod";
import { api, type Config, type Where } from "./api.ts";
import { call, signIn } from "./call.ts";
import { modelOf, present } from "./external-ids.ts";
import { load } from "./load.ts";

const remote = z.object({
  model: z
    .string()
    .regex(/^[\w.]+$/)
    .describe("Technical name of the model: res.partner."),
});

const write = (batch: Batch, ctx: Where, uid: Json): Exchange<readonly Outcome[]> =>
  inGroups(
    batch,
    ({ fields }) => Object.keys(fields).join(),
    ({ changes }) => load(changes, ctx, uid),
  );

function* deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const removing = batch.op === "remove";
  const uid = yield* signIn(ctx);
  if (typeof uid === "object" && uid !== null) return all(batch, api.broken(uid));
  if (!removing && ctx.mode !== "update") return yield* write(batch, ctx, uid);
  const there = yield* present(batch, ctx, uid);
  if (!(there instanceof Map)) return all(batch, api.broken(there as HttpResponse));
  const absent = removing ? accepted() : skipped("not_found");
  return yield* only(
    batch,
    (change) => (there.has(change) ? undefined : absent),
    function* (rest) {
      if (!removing) return yield* write(rest, ctx, uid);
      const gone = yield* call(ctx, uid, modelOf(ctx), "unlink", { ids: [...there.values()] });
      return all(rest, gone.body === true ? accepted() : api.broken(gone));
    },
  );
}

/** `record`: records of the model that the sync's `remote:` names. */
export const record = defineObject<Config, string>({
  describe: "A record of a model; its external id is made of the model's key",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  fields: {},
  openFields: text({ describe: "A field, as Odoo's import names it; dots for parts, as parent_id.id" }),
  remote,
  // About one call a second on Odoo Online (facts C6, unverified); rate_limit of the destination says otherwise.
  limits: { rows: 500, rate: { requests: 1, perSeconds: 1 }, concurrency: 1 },
  deliver,
});
