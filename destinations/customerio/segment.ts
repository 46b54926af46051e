import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, only, stop, surestKind, unknown } from "millrace/destination";
import { api, type Config, limits, tookAll } from "./api.ts";
import { identify } from "./identify.ts";
import { identifiers, idOf, type Kind, kindOf, kinds } from "./identity.ts";

/** One kind of identifier a call: those of another would be passed over in silence (spec, add_to_segment). */
function* changeSegment(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const way = batch.op === "remove" ? "remove_customers" : "add_customers";
  const fates = new Map<Kind, Outcome>();
  for (const kind of new Set(batch.changes.map(kindOf))) {
    const ofKind = batch.changes.filter((change) => kindOf(change) === kind);
    const ids = [...new Set(ofKind.map(idOf))];
    const response = yield* api.post(ctx, `api/v1/segments/${ctx.remote.id}/${way}?id_type=${kind}`, { ids });
    fates.set(kind, tookAll(response) ? accepted() : api.broken(response));
  }
  return batch.changes.map((change) => fates.get(kindOf(change)) ?? unknown("no verdict"));
}

/** People are made before they join. */
function* join(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const made = yield* identify(batch, ctx);
  const refusals = new Map<Change, Outcome>();
  for (const [index, change] of batch.changes.entries()) {
    const outcome = made[index];
    if (outcome !== undefined && outcome.status !== "accepted") refusals.set(change, outcome);
  }
  return yield* only(
    batch,
    (change) => refusals.get(change),
    (rest) => changeSegment(rest, ctx),
  );
}

/** An e-mail that an id's person no longer has takes nobody out. */
const leave = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  only(
    batch,
    (change) => (surestKind(change, kinds) === undefined ? accepted() : undefined),
    (rest) => changeSegment(rest, ctx),
  );

/** Manual segments, which people make: the Track API knows them by their numbers only. */
export const segment = defineObject<Config, Kind>({
  describe: "Being in a manual segment; the person is made when absent",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "any",
  identifiers,
  fields: {},
  limits,
  *ensure({ remoteConfig: { id } }) {
    if (/^\d+$/.test(String(id))) return { id: String(id) };
    const hint = "make a manual segment there and set remote: { id }, the number under Usage";
    return stop("target", "the Track API cannot find or make a segment by its name", hint);
  },
  deliver: (batch, ctx) => (batch.op === "remove" ? leave(batch, ctx) : join(batch, ctx)),
});
