import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, email, rowByRow, skipped } from "millrace/destination";
import { api, type Config, emailOf, isAbsent, limits, type Place } from "./api.ts";
import { attribute, attributesOf } from "./attributes.ts";
import { importAll } from "./import-job.ts";
import { upsert } from "./upsert.ts";

const pathOf = (address: string): string => `contacts/${encodeURIComponent(address)}?identifierType=email_id`;

/** The e-mail that a record was sent with before it got another. */
const formerOf = (change: Change): string | undefined =>
  change.before?.ids.find(({ value }) => value !== emailOf(change))?.value;

/** Changes the contact at an address, which may be its former one; undefined where there is none. */
function* update(ctx: Place, change: Change, address: string): Exchange<Outcome | undefined> {
  const moved = address === emailOf(change) ? {} : { EMAIL: emailOf(change) };
  const response = yield* api.put(ctx, pathOf(address), { attributes: { ...attributesOf(change), ...moved } });
  if (isAbsent(response)) return undefined;
  return response.status === 204 ? accepted() : api.broken(response);
}

/** A record: a changed e-mail changes the contact in place, which memberships may not (R10). */
function* writeContact(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  if (ctx.mode === "update") return (yield* update(ctx, change, emailOf(change))) ?? skipped("not_found");
  const former = formerOf(change);
  const moved = former === undefined ? undefined : yield* update(ctx, change, former);
  return moved ?? (yield* upsert(ctx, change, []));
}

function* eraseContact(ctx: Place, change: Change): Exchange<Outcome> {
  const response = yield* api.del(ctx, pathOf(emailOf(change)));
  return response.status === 204 || isAbsent(response) ? accepted() : api.broken(response);
}

function deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { single_imports: mostSingly, import_list: list } = ctx.config;
  if (batch.op === "remove") return rowByRow(batch, (change) => eraseContact(ctx, change));
  // Backfills: an update may have to change an e-mail in place, which no import can.
  if (batch.op === "add" && list !== undefined && batch.changes.length > mostSingly) return importAll(batch, ctx, list);
  return rowByRow(batch, (change) => writeContact(ctx, change));
}

/** Contacts as records. */
export const contact = defineObject<Config, "email">({
  describe: "A contact, known by its e-mail",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: {},
  openFields: attribute,
  limits,
  deliver,
});
