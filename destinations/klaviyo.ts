/**
 * Klaviyo: profiles, and being in a list. Leaving a list only leaves the list: no subscription, suppression or consent call
 * is ever made. Small deltas go profile by profile, larger ones as an import job that is polled to its end.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, chunks, defineDestination, defineObject, email } from "millrace/destination";
import {
  ensureNamed,
  externalId,
  idsInChunks,
  jsonApi,
  networkSettings,
  normalizePhoneE164,
} from "millrace/destination";
import { paged, phoneE164, rejected, remoteIdOf, rowByRow, runJob, skipped, text } from "millrace/destination";
import { unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  revision: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .default("2026-07-15")
    .describe("API revision."),
  single_imports: z
    .int()
    .min(0)
    .default(2000)
    .describe("Batches up to this size go profile by profile, larger ones as a job."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

interface Fault {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string };
}
const faultsOf = ({ body }: HttpResponse): readonly Fault[] => (Array.isArray(body?.errors) ? body.errors : []);
const worded = ({ code = "rejected", detail, title = "refused" }: Fault) => ({ code, message: detail ?? title });
const isPhone = ({ source }: Fault): boolean => source?.pointer?.includes("phone_number") === true;

const api = jsonApi<Config>({
  base: () => "https://a.klaviyo.com/api",
  headers: ({ revision }) => ({
    revision,
    accept: "application/vnd.api+json",
    "content-type": "application/vnd.api+json",
  }),
  fault: (response) => faultsOf(response).map(worded)[0],
});

const own = new Set(["first_name", "last_name", "organization", "locale", "image", "phone_number", "external_id"]);
type Attributes = Record<string, Json>;

/** Klaviyo's own attributes by their names, `location.*` nested, everything else a custom property. */
function attributesOf({ identifiers, fields }: Change): Attributes {
  const { email: mail, phone, external_id } = identifiers;
  const attributes: Attributes = {
    ...(mail === undefined ? {} : { email: mail }),
    ...(phone === undefined ? {} : { phone_number: phone }),
    ...(external_id === undefined ? {} : { external_id }),
  };
  const location: Attributes = {};
  const properties: Attributes = {};
  for (const [name, value] of Object.entries(fields)) {
    if (own.has(name)) attributes[name] = value;
    else if (name.startsWith("location.")) location[name.slice("location.".length)] = value;
    else properties[name] = value;
  }
  if (Object.keys(location).length > 0) attributes["location"] = location;
  if (Object.keys(properties).length > 0) attributes["properties"] = properties;
  return attributes;
}

function* importOne(ctx: Place, attributes: Attributes, id?: string): Exchange<Outcome> {
  const data = { type: "profile", ...(id === undefined ? {} : { id }), attributes };
  const response = yield* api.post(ctx, "profile-import", { data });
  const made = response.body?.data?.id;
  if ((response.status === 200 || response.status === 201) && typeof made === "string") return accepted(made);
  // A phone Klaviyo does not believe costs the phone, not the profile.
  const others = withoutPhone(attributes);
  const again = "phone_number" in attributes && Object.keys(others).length > 0 && faultsOf(response).some(isPhone);
  return again ? yield* importOne(ctx, others, id) : api.broken(response);
}

const withoutPhone = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "phone_number"));

/** An import job, to the fate of every row; with `list` the job puts its profiles there itself. */
function* importAll(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const ended = yield* runJob<string, string>(ctx, {
    *start() {
      const profiles = { data: batch.changes.map((change) => ({ type: "profile", attributes: attributesOf(change) })) };
      const lists = list === undefined ? {} : { relationships: { lists: { data: [{ type: "list", id: list }] } } };
      const data = { type: "profile-bulk-import-job", attributes: { profiles }, ...lists };
      const response = yield* api.post(ctx, "profile-bulk-import-jobs", { data });
      const job = response.body?.data?.id;
      return response.status === 202 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `profile-bulk-import-jobs/${job}`, { afterMs });
      const status = String(response.body?.data?.attributes?.status);
      return status === "queued" || status === "processing" ? undefined : `${status} ${job}`;
    },
  });
  if ("outcome" in ended) return all(batch, ended.outcome);
  const [status, job = ""] = ended.result.split(" ");
  if (status !== "complete") return all(batch, unknown(`import job ended as ${status}`));
  const faults = yield* importFaults(ctx, job);
  if (faults === undefined) return all(batch, unknown("broken answer: no import errors"));
  const outcomes: Outcome[] = [];
  for (const [index, change] of batch.changes.entries()) {
    const fault = faults.get(index);
    if (fault === undefined) outcomes.push(accepted());
    else if (isPhone(fault)) outcomes.push(yield* importOne(ctx, withoutPhone(attributesOf(change))));
    else outcomes.push(rejected(worded(fault).code, worded(fault).message));
  }
  return outcomes;
}

/** Row -> its error, by the pointer `/data/attributes/profiles/data/N`. */
function* importFaults(ctx: Place, job: string): Exchange<ReadonlyMap<number, Fault> | undefined> {
  const found = yield* paged<Fault & { readonly attributes?: Fault }>(
    (cursor) => {
      const page = cursor === undefined ? "" : `&page[cursor]=${encodeURIComponent(cursor)}`;
      return api.get(ctx, `profile-bulk-import-jobs/${job}/import-errors?page[size]=100${page}`);
    },
    ({ body }) => body?.data,
    ({ body }) => {
      const next = body?.links?.next;
      return typeof next === "string"
        ? (new URL(next, api.root(ctx)).searchParams.get("page[cursor]") ?? undefined)
        : undefined;
    },
  );
  if (!Array.isArray(found)) return undefined;
  const faults = new Map<number, Fault>();
  for (const { attributes, ...flat } of found) {
    const fault = attributes ?? flat;
    const row = /profiles\/data\/(\d+)/.exec(fault.source?.pointer ?? "")?.[1];
    if (row !== undefined) faults.set(Number(row), fault);
  }
  return faults;
}

/** E-mail -> profile id, 100 a call (decision 23); never makes a profile. */
const idsByEmail = (ctx: Place, emails: Iterable<string>): Exchange<Map<string, string> | HttpResponse> =>
  idsInChunks(
    emails,
    100,
    (some) => {
      const filter = encodeURIComponent(`any(email,${JSON.stringify(some)})`);
      return api.get(ctx, `profiles?filter=${filter}&fields[profile]=email&page[size]=100`);
    },
    ({ body }) => body?.data?.map(({ id, attributes }: any) => [String(attributes?.email).toLowerCase(), String(id)]),
  );

const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";

function* write(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const { config, mode } = ctx;
  if (batch.changes.length <= config.single_imports || mode === "update")
    return yield* importEach(batch, ctx, list === undefined);
  const outcomes = yield* importAll(batch, ctx, list);
  const found = yield* idsByEmail(ctx, batch.changes.map(emailOf));
  if (!(found instanceof Map)) return outcomes;
  return outcomes.map((outcome, index) => {
    const id = found.get(emailOf(batch.changes[index]!));
    return outcome.status === "accepted" && id !== undefined ? accepted(id) : outcome;
  });
}

/** Profile by profile; `inPlace` lets a known profile take a changed e-mail, which only records may (R10). */
function* importEach(batch: Batch, ctx: Context<Config>, inPlace: boolean): Exchange<readonly Outcome[]> {
  const existing = ctx.mode === "update" ? yield* idsByEmail(ctx, batch.changes.map(emailOf)) : undefined;
  if (existing !== undefined && !(existing instanceof Map)) return all(batch, api.broken(existing));
  return yield* rowByRow(batch, function* (change) {
    const id = (inPlace ? change.before?.remoteId : undefined) ?? existing?.get(emailOf(change));
    if (existing !== undefined && id === undefined) return skipped("not_found");
    return yield* importOne(ctx, attributesOf(change), id);
  });
}

function* relate(ctx: Context<Config>, method: "post" | "del", ids: readonly string[]): Exchange<Outcome> {
  const path = `lists/${encodeURIComponent(ctx.remote.id)}/relationships/profiles`;
  // 1,000 profiles a call (spec, add_profiles_to_list).
  for (const some of chunks([...new Set(ids)], 1000)) {
    const response = yield* api[method](ctx, path, { data: some.map((id) => ({ type: "profile", id })) });
    if (response.status !== 204) return api.broken(response);
  }
  return accepted();
}

function* deliverList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return yield* leaveList(batch, ctx);
  const written = yield* write(batch, ctx, ctx.remote.id);
  // A job put its profiles into the list itself; saying so again to those with a known id is harmless.
  const ids = written.flatMap((outcome) =>
    outcome.status === "accepted" && outcome.remoteId !== undefined ? [outcome.remoteId] : [],
  );
  const joined = yield* relate(ctx, "post", ids);
  return written.map((outcome) => (outcome.status === "accepted" && joined.status !== "accepted" ? joined : outcome));
}

function* leaveList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const missing = batch.changes.filter((change) => remoteIdOf(change) === undefined);
  const found = yield* idsByEmail(ctx, missing.map(emailOf));
  if (!(found instanceof Map)) return all(batch, api.broken(found));
  const ids = batch.changes.map((change) => remoteIdOf(change) ?? found.get(emailOf(change)));
  const known = ids.filter((id) => id !== undefined);
  const left = yield* relate(ctx, "del", known);
  return ids.map((id) => (id === undefined ? accepted() : left));
}

/** A phone as a field: one that cannot be read counts as NULL, the row stays. */
const phoneField = {
  describe: "Phone number; E.164",
  encode: (value: Json) => ({ value: value === null ? null : normalizePhoneE164(String(value)) }),
};
const fields = { first_name: text(), last_name: text(), organization: text(), locale: text(), image: text() };
const common = {
  delivery: "set",
  openFields: anyValue({ describe: "Custom property, or location.…" }),
  // 10,000 profiles and 5 MB a job; steady 750 single imports a minute (spec, bulk_import_profiles and profile-import).
  limits: { rows: 10_000, bytes: 5_000_000, rate: { requests: 12, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "klaviyo",
  describe: "Klaviyo profiles and lists.",
  docs: "https://developers.klaviyo.com/en/reference/api_overview",
  config: settings,
  credentials: z.strictObject({
    api_key: z.string().describe("Private key, pk_…: profiles and lists, read and write."),
  }),
  guide: {
    credentials:
      "Settings, API keys: make a private key with full access to profiles and lists; events as well for events.",
    refused:
      "Import jobs name each refused profile; a phone that Klaviyo does not believe costs the phone, not the profile.",
    erasure: "A data privacy deletion job for the e-mail: Klaviyo deletes the profile and everything it holds of it.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: { type: "header", header: "authorization", value: "Klaviyo-API-Key {api_key}" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists?page[size]=1"), "reads lists");
  },
  objects: {
    profile: defineObject<Config, "email" | "phone" | "external_id">({
      ...common,
      describe: "A profile, known by e-mail, phone or external id",
      kind: "record",
      ops: ["add", "update"],
      identify: "any",
      identifiers: { email: email(), phone: phoneE164(), external_id: externalId() },
      fields,
      deliver: (batch, ctx) => write(batch, ctx),
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being in a list; the profile is made when absent, consent is not touched",
      kind: "membership",
      ops: ["add", "update", "remove"],
      identify: "any",
      identifiers: { email: email() },
      fields: { ...fields, phone_number: phoneField, external_id: text() },
      // Lists have no description to mark: one of exactly this name is taken (R43).
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        find: (name, ctx) =>
          paged(
            () => api.get(ctx, `lists?filter=${encodeURIComponent(`equals(name,${JSON.stringify(name)})`)}`),
            ({ body }) => body?.data?.map((list: any) => ({ id: list.id, name: list.attributes?.name })),
            () => undefined,
          ),
        create: (name, ctx) => api.post(ctx, "lists", { data: { type: "list", attributes: { name } } }),
        idOf: ({ body }) => body?.data?.id,
      }),
      deliver: deliverList,
    }),
  },
});
