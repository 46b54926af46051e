/** Records of a module: written by their unique fields, or by id where that is not enough. */
import type { Batch, Change, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineObject, email, exact, nested, only } from "millrace/destination";
import { remoteIdOf, skipped } from "millrace/destination";
import { api, type Config, type Ids, moduleOf, remote, verdicts, type Where } from "./api.ts";
import { find } from "./find.ts";

const valuesOf = ({ fields, identifiers }: Change) => ({ ...nested(fields), ...identifiers });

type IdOf = (change: Change) => string | undefined;

function* update(batch: Batch, ctx: Where, idOf: IdOf): Exchange<readonly Outcome[]> {
  const data = batch.changes.map((change) => ({ ...valuesOf(change), id: idOf(change) }));
  const response = yield* api.put(ctx, moduleOf(ctx), { data, trigger: ctx.config.trigger });
  return verdicts(batch, response, skipped("not_found"));
}

function* upsert(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const duplicate_check_fields = [...new Set(batch.changes.flatMap(({ identifiers }) => Object.keys(identifiers)))];
  const body = { data: batch.changes.map(valuesOf), duplicate_check_fields, trigger: ctx.config.trigger };
  return verdicts(batch, yield* api.post(ctx, `${moduleOf(ctx)}/upsert`, body));
}

/** Mode `update`: by id, so that nothing is made. */
function updateKnown(batch: Batch, ctx: Where, ids: Ids): Exchange<readonly Outcome[]> {
  const idOf: IdOf = (change) => change.before?.remoteId ?? ids.get(change);
  return only(
    batch,
    (change) => (idOf(change) ? undefined : skipped("not_found")),
    (known) => update(known, ctx, idOf),
  );
}

/** By upsert; a record whose unique field changed is written by its id (R10), and made anew where it is gone. */
function* write(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const formerId: IdOf = ({ before }) => before?.remoteId;
  const moved = batch.changes.filter((change) => remoteIdOf(change) === undefined && formerId(change));
  const updated = moved.length === 0 ? [] : yield* update({ ...batch, changes: moved }, ctx, formerId);
  const settled = new Map<Change, Outcome>();
  for (const [index, change] of moved.entries())
    if (updated[index]!.status !== "skipped") settled.set(change, updated[index]!);
  return yield* only(
    batch,
    (change) => settled.get(change),
    (rest) => upsert(rest, ctx),
  );
}

function remove(batch: Batch, ctx: Where, ids: Ids): Exchange<readonly Outcome[]> {
  const idOf: IdOf = (change) => remoteIdOf(change) ?? ids.get(change);
  const absent = (change: Change) => (idOf(change) === undefined ? accepted() : undefined);
  return only(batch, absent, function* (rest) {
    const wanted = `ids=${rest.changes.map(idOf).join()}&wf_trigger=${ctx.config.trigger.includes("workflow")}`;
    return verdicts(rest, yield* api.del(ctx, `${moduleOf(ctx)}?${wanted}`), accepted());
  });
}

/** Records are looked for where only an id will do: for a removal, and where nothing may be made. */
function* deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const removing = batch.op === "remove";
  if (!removing && ctx.mode !== "update") return yield* write(batch, ctx);
  const open = batch.changes.filter(
    (change) => (removing ? remoteIdOf(change) : change.before?.remoteId) === undefined,
  );
  const ids = yield* find(open, ctx);
  if (!(ids instanceof Map)) return all(batch, api.broken(ids as HttpResponse));
  return yield* (removing ? remove : updateKnown)(batch, ctx, ids);
}

/** `record`: records of the module that the sync's `remote:` names. */
export const record = defineObject<Config, "Email">({
  describe: "A record of a module, found by its unique fields",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { Email: email() },
  openIdentifiers: exact("Another unique field, by its API name"),
  fields: {},
  openFields: anyValue({ describe: "A field by its API name; dots for parts, as Account_Name.id" }),
  remote,
  // 100 records a call (facts C5); calls side by side are limited by edition.
  limits: { rows: 100, concurrency: 4 },
  deliver,
});
