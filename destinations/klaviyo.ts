/** Klaviyo: profiles, events, and lists. Leaving a list only leaves it: no subscription or consent call is ever made. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome, Register } from "millrace/destination";
import { accepted, all, anyValue, chunks, defineDestination, defineObject, email } from "millrace/destination";
import { ensureNamed, externalId, grouped, idsInChunks, jsonApi, listRecords } from "millrace/destination";
import { networkSettings, number, paged, phoneE164, phoneField, recordIds, registerBy } from "millrace/destination";
import { rejected, rowByRow, runJob, skipped, text, timestamp, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  revision: z.iso.date().default("2026-07-15").describe("API revision."),
  single_imports: z.int().min(0).default(2000).describe("Batches up to this size go singly, larger ones as a job."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Fields = Change["fields"];
const faultsOf = ({ body }: HttpResponse): readonly any[] => (Array.isArray(body?.errors) ? body.errors : []);
const worded = ({ code = "rejected", detail, title = "refused" }: any) => ({ code, message: detail ?? title });
const isPhone = ({ source }: any): boolean => String(source?.pointer).includes("phone_number");
const media = "application/vnd.api+json";
const api = jsonApi<Config>({
  base: () => "https://a.klaviyo.com/api",
  headers: ({ revision }) => ({ revision, accept: media, "content-type": media }),
  fault: (response) => faultsOf(response).map(worded)[0],
});

const profileFields = { first_name: text(), last_name: text(), organization: text(), locale: text(), image: text() };
const own = new Set([...Object.keys(profileFields), "phone_number", "external_id"]);
const placeOf = (name: string): readonly [string, string] =>
  name.startsWith("location.") ? ["location", name.slice(9)] : [own.has(name) ? "own" : "properties", name];

/** Klaviyo's own attributes by their names, `location.*` nested, everything else a custom property. */
function attributesOf({ identifiers: { phone, ...others }, fields }: Change): Fields {
  const { own: given, ...nested } = grouped(fields, placeOf);
  return { ...others, ...(phone === undefined ? {} : { phone_number: phone }), ...given, ...nested };
}
const withoutPhone = ({ phone_number: _phone, ...others }: Fields): Fields => others;

function* importOne(ctx: Context<Config>, attributes: Fields, id?: string): Exchange<Outcome> {
  const data = { type: "profile", ...(id === undefined ? {} : { id }), attributes };
  const response = yield* api.post(ctx, "profile-import", { data });
  const made = response.body?.data?.id;
  if ((response.status === 200 || response.status === 201) && typeof made === "string") return accepted(made);
  // A phone Klaviyo does not believe costs the phone, not the profile.
  const others = withoutPhone(attributes);
  const again = "phone_number" in attributes && Object.keys(others).length > 0 && faultsOf(response).some(isPhone);
  return again ? yield* importOne(ctx, others, id) : api.broken(response);
}

/** An import job, to the fate of every row; with `list` the job puts its profiles there itself. */
function* importAll(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const jobs = "profile-bulk-import-jobs";
  const ended = yield* runJob<string, string>(ctx, {
    *start() {
      const data = batch.changes.map((change) => ({ type: "profile", attributes: attributesOf(change) }));
      const lists = list === undefined ? {} : { relationships: { lists: { data: [{ type: "list", id: list }] } } };
      const made = { type: "profile-bulk-import-job", attributes: { profiles: { data } }, ...lists };
      const response = yield* api.post(ctx, jobs, { data: made });
      const job = response.body?.data?.id;
      return response.status === 202 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const status = (yield* api.get(ctx, `${jobs}/${job}`, { afterMs })).body?.data?.attributes?.status;
      return status === "queued" || status === "processing" ? undefined : `${status} ${job}`;
    },
  });
  if ("outcome" in ended) return all(batch, ended.outcome);
  const [status, job] = ended.result.split(" ");
  if (status !== "complete") return all(batch, unknown(`import job ended as ${status}`));
  const faults = yield* paged<any>(
    (page = "") => api.get(ctx, `${jobs}/${job}/import-errors?page[size]=100${page}`),
    ({ body }) => body?.data,
    ({ body: { links } }) =>
      links?.next && `&page[cursor]=${encodeURIComponent(new URL(links.next).searchParams.get("page[cursor]") ?? "")}`,
  );
  if (!Array.isArray(faults)) return all(batch, unknown("broken answer: no import errors"));
  // Row -> its error, by the pointer `/data/attributes/profiles/data/N`.
  const rowOf = ({ source }: any) => batch.changes[/profiles\/data\/(\d+)/.exec(String(source?.pointer))?.[1] as any];
  const byRow = new Map(faults.map((one) => one.attributes ?? one).map((fault) => [rowOf(fault), fault]));
  const found = yield* recordIds(batch.changes, profiles(ctx));
  const ids: ReadonlyMap<Change, string> = found instanceof Map ? found : new Map();
  return yield* rowByRow(batch, function* (change) {
    const fault = byRow.get(change);
    if (fault === undefined) return accepted(ids.get(change));
    if (isPhone(fault)) return yield* importOne(ctx, withoutPhone(attributesOf(change)));
    return rejected(worded(fault).code, worded(fault).message);
  });
}

/** Profiles by e-mail, 100 a call (decision 23); never makes one. */
const anyOf = (emails: readonly string[]): string => encodeURIComponent(`any(email,${JSON.stringify(emails)})`);
function profiles(ctx: Context<Config>): Register {
  const ask = (some: readonly string[]) =>
    api.get(ctx, `profiles?filter=${anyOf(some)}&fields[profile]=email&page[size]=100`);
  const pairOf = ({ id, attributes }: any): [string, string] => [String(attributes?.email).toLowerCase(), String(id)];
  return registerBy("email", api, (some) => idsInChunks(some, 100, ask, ({ body }) => body?.data?.map(pairOf)));
}

/** Writes profiles; as a record (no `list`) a known one takes a changed e-mail along, which only records may (R10). */
function* write(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const updates = ctx.mode === "update";
  if (batch.changes.length > ctx.config.single_imports && !updates) return yield* importAll(batch, ctx, list);
  const found = updates ? yield* recordIds(batch.changes, profiles(ctx)) : new Map<Change, string>();
  if (!(found instanceof Map)) return all(batch, api.broken(found as HttpResponse));
  return yield* rowByRow(batch, function* (change) {
    const id: string | undefined = (list === undefined ? change.before?.remoteId : undefined) ?? found.get(change);
    return updates && id === undefined ? skipped("not_found") : yield* importOne(ctx, attributesOf(change), id);
  });
}

const relate = (ctx: Context<Config>) =>
  function* (way: "add" | "remove", ids: readonly string[]): Exchange<(id: string) => Outcome> {
    const path = `lists/${encodeURIComponent(ctx.remote.id)}/relationships/profiles`;
    // spec, add_profiles_to_list: 1,000 a call.
    for (const some of chunks(ids, 1000)) {
      const data = some.map((id) => ({ type: "profile", id }));
      const response = yield* api[way === "add" ? "post" : "del"](ctx, path, { data });
      if (response.status !== 204) return () => api.broken(response);
    }
    return way === "add" ? accepted : () => accepted();
  };

const eventFields = {
  metric: text({ required: true, describe: "Name of the metric: Placed Order" }),
  time: timestamp({ required: true, describe: "When it happened" }),
  value: number({ describe: "Its worth" }),
  value_currency: text({ describe: "Currency of the worth, ISO 4217" }),
  unique_id: text({ describe: "An event of the same id is the same; default: an id of the row" }),
};
const partOf = (field: string): string => (field in eventFields ? "own" : "properties");

/** One by one, since a job of events tells nothing of any: 202 says that the event was found right (spec, create_event). */
const sendEvents = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  rowByRow(batch, function* (change) {
    const { metric: name, ...fields } = change.fields;
    const { own: given, properties = {} } = grouped(fields, (field) => [partOf(field), field]);
    const metric = { data: { type: "metric", attributes: { name } } };
    const profile = { data: { type: "profile", attributes: attributesOf({ ...change, fields: {} }) } };
    const attributes = { unique_id: change.idempotencyKey, ...given, properties, metric, profile };
    const response = yield* api.post(ctx, "events", { data: { type: "event", attributes } });
    return response.status === 202 ? accepted() : api.broken(response);
  });

const anybody = { email: email(), phone: phoneE164(), external_id: externalId() };
const common = {
  delivery: "set",
  identify: "any",
  openFields: anyValue({ describe: "Custom property, or location.…" }),
  // 10,000 profiles and 5 MB a job; steady 750 single imports a minute (spec, bulk_import_profiles and profile-import).
  limits: { rows: 10_000, bytes: 5_000_000, rate: { requests: 12, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "klaviyo",
  describe: "Klaviyo profiles, lists and events.",
  docs: "https://developers.klaviyo.com/en/reference/api_overview",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("Private key, pk_…, for what is written.") }),
  guide: {
    credentials:
      "Settings, API keys: make a private key with full access to profiles and lists, and to events if sent.",
    refused: "Refused profiles are named, from jobs too; a phone that Klaviyo does not believe costs only the phone.",
    erasure: "A data privacy deletion job for the e-mail: Klaviyo deletes the profile and everything it holds of it.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: { type: "header", header: "authorization", value: "Klaviyo-API-Key {api_key}" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists?page[size]=1"), "reads lists");
  },
  objects: {
    profile: defineObject<Config, keyof typeof anybody>({
      ...common,
      describe: "A profile, known by e-mail, phone or external id",
      kind: "record",
      ops: ["add", "update"],
      identifiers: anybody,
      fields: profileFields,
      deliver: (batch, ctx) => write(batch, ctx),
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being in a list; the profile is made when absent, consent is not touched",
      kind: "membership",
      ops: ["add", "update", "remove"],
      identifiers: { email: email() },
      fields: { ...profileFields, phone_number: phoneField({ unreadable: "null" }), external_id: text() },
      // Lists have no description to mark: one of exactly this name is taken (R43).
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        *find(wanted, ctx) {
          const found = yield* api.get(
            ctx,
            `lists?filter=${encodeURIComponent(`equals(name,${JSON.stringify(wanted)})`)}`,
          );
          return found.body?.data?.map(({ id, attributes }: any) => ({ id, name: attributes?.name })) ?? found;
        },
        create: (name, ctx) => api.post(ctx, "lists", { data: { type: "list", attributes: { name } } }),
        idOf: ({ body }) => body?.data?.id,
      }),
      deliver: (batch, ctx) =>
        listRecords(batch, profiles(ctx), (some) => write(some, ctx, ctx.remote.id), relate(ctx)),
    }),
    event: defineObject<Config, keyof typeof anybody>({
      ...common,
      describe: "An event of a profile, which is made when absent",
      kind: "event",
      ops: ["add"],
      // Klaviyo drops an event whose unique_id it has; for how long is not said: 30 days (unverified).
      delivery: "keyed",
      windowMs: 30 * 86_400_000,
      identifiers: anybody,
      fields: eventFields,
      openFields: anyValue({ describe: "Property of the event" }),
      // 1,000 events and 5 MB a job; steady 3,500 single events a minute (spec, bulk_create_events and create_event).
      limits: { rows: 1000, bytes: 5_000_000, rate: { requests: 58, perSeconds: 1 } },
      deliver: sendEvents,
    }),
  },
});
