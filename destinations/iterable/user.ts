import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, only, rowByRow, skipped } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { configure, limits, sendAll } from "./bulk.ts";
import { identifiers, type Kind, knownOnly, underSurestOf, userPath } from "./identity.ts";
import { userField, userFields, userOf } from "./user-item.ts";

function* deleteUser(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const response = yield* api.del(ctx, userPath(change, ctx));
  const { code } = response.body ?? {};
  if (code === "Success") return api.outcome(response);
  return response.status === 404 && typeof code === "string" ? accepted() : api.broken(response);
}

/** Why a user is not to be updated; undefined where there is one. Iterable answers {} for nobody (unverified). */
function* absence(change: Change, ctx: Context<Config>): Exchange<Outcome | undefined> {
  const response = yield* api.get(ctx, userPath(change, ctx));
  if (response.status !== 200 || typeof response.body !== "object") return api.broken(response);
  return response.body?.user === undefined ? skipped("not_found") : undefined;
}

function* writeUsers(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const absences = new Map<Change, Outcome | undefined>();
  // In mode `update` Iterable would make those who are not there.
  if (ctx.mode === "update") for (const change of batch.changes) absences.set(change, yield* absence(change, ctx));
  return yield* only(
    batch,
    (change) => absences.get(change),
    (rest) =>
      sendAll(rest, ctx, {
        path: "users/bulkUpdate",
        rows: "users",
        itemOf: userOf,
        beside: () => ({ createNewFields: true }),
      }),
  );
}

const deliver = knownOnly((batch, ctx) =>
  batch.op === "remove" ? rowByRow(batch, (change) => deleteUser(change, ctx)) : writeUsers(batch, ctx),
);

/** Users as records. */
export const user = defineObject<Config, Kind>({
  describe: "A user, known as the project knows people",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers,
  fields: userFields,
  openFields: userField,
  limits,
  configure,
  deliver: (batch, ctx) => deliver(underSurestOf(batch, ctx), ctx),
});
