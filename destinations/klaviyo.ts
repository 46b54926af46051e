/**
 * Klaviyo: profiles, and being in a list. Leaving a list only leaves the list: no subscription, suppression or consent call
 * is ever made. Small deltas go profile by profile, larger ones as an import job that is polled to its end.
 */
import type { Batch, Change, Context, Exchange, HttpRequest, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, byStatus, rejected, skipped, stop, unknown } from "millrace/destination";
import {
  anyValue,
  apiBase,
  checkpoint,
  chunks,
  defineDestination,
  defineObject,
  email,
  externalId,
} from "millrace/destination";
import { networkSettings, normalizePhoneE164, phoneE164, remoteIdOf, request, text } from "millrace/destination";
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
const base = (config: Config): string => apiBase(config, "https://a.klaviyo.com");

function call(
  config: Config,
  method: HttpRequest["method"],
  path: string,
  body?: unknown,
  afterMs?: number,
): Exchange<HttpResponse> {
  const headers = {
    revision: config.revision,
    accept: "application/vnd.api+json",
    "content-type": "application/vnd.api+json",
  };
  const url = `${base(config)}/api/${path}`;
  return request({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(afterMs === undefined ? {} : { afterMs }),
  });
}

interface Fault {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string };
}
const faultsOf = (response: HttpResponse): readonly Fault[] =>
  Array.isArray(response.body?.errors) ? response.body.errors : [];
const refusal = (fault: Fault | undefined): Outcome =>
  rejected(fault?.code ?? "rejected", fault?.detail ?? fault?.title ?? "refused");
const isPhone = ({ source }: Fault): boolean => source?.pointer?.includes("phone_number") === true;

function failed(response: HttpResponse): Outcome {
  const [fault] = faultsOf(response);
  const outcome = byStatus(response, fault?.detail ?? fault?.title);
  if (outcome.status === "accepted") return unknown(`broken answer: HTTP ${response.status} without data`);
  return outcome.status === "rejected" && fault !== undefined ? refusal(fault) : outcome;
}

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

function* importOne(config: Config, attributes: Attributes, id?: string): Exchange<Outcome> {
  const data = { type: "profile", ...(id === undefined ? {} : { id }), attributes };
  const response = yield* call(config, "POST", "profile-import", { data });
  const made = response.body?.data?.id;
  if ((response.status === 200 || response.status === 201) && typeof made === "string") return accepted(made);
  // A phone Klaviyo does not believe costs the phone, not the profile.
  const others = withoutPhone(attributes);
  const again = "phone_number" in attributes && Object.keys(others).length > 0 && faultsOf(response).some(isPhone);
  return again ? yield* importOne(config, others, id) : failed(response);
}

const withoutPhone = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "phone_number"));

/** An import job, from the checkpoint of an earlier process where there is one, to the fate of every row. */
function* importJob(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const { config } = ctx;
  let job = (ctx.checkpoint as { readonly job?: string } | undefined)?.job;
  if (job === undefined) {
    const profiles = { data: batch.changes.map((change) => ({ type: "profile", attributes: attributesOf(change) })) };
    const lists = list === undefined ? {} : { relationships: { lists: { data: [{ type: "list", id: list }] } } };
    const data = { type: "profile-bulk-import-job", attributes: { profiles }, ...lists };
    const response = yield* call(config, "POST", "profile-bulk-import-jobs", { data });
    if (response.status !== 202 || typeof response.body?.data?.id !== "string") return all(batch, failed(response));
    job = response.body.data.id as string;
    yield* checkpoint({ job });
  }
  let status = "queued";
  for (let poll = 0; poll < 60 && (status === "queued" || status === "processing"); poll++) {
    const afterMs = Math.min(1000 * 2 ** poll, 30_000);
    const response = yield* call(config, "GET", `profile-bulk-import-jobs/${job}`, undefined, afterMs);
    status = String(response.body?.data?.attributes?.status);
  }
  if (status !== "complete") return all(batch, unknown(`import job ended as ${status}`));
  const faults = yield* importErrors(config, job);
  if (faults === undefined) return all(batch, unknown("broken answer: no import errors"));
  const outcomes: Outcome[] = [];
  for (const [index, change] of batch.changes.entries()) {
    const fault = faults.get(index);
    if (fault === undefined) outcomes.push(accepted());
    else if (isPhone(fault)) outcomes.push(yield* importOne(config, withoutPhone(attributesOf(change))));
    else outcomes.push(refusal(fault));
  }
  return outcomes;
}

/** Row -> its error, by the pointer `/data/attributes/profiles/data/N`. */
function* importErrors(config: Config, job: string): Exchange<ReadonlyMap<number, Fault> | undefined> {
  const faults = new Map<number, Fault>();
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: string = cursor === "" ? "" : `&page[cursor]=${encodeURIComponent(cursor)}`;
    const response: HttpResponse = yield* call(
      config,
      "GET",
      `profile-bulk-import-jobs/${job}/import-errors?page[size]=100${page}`,
    );
    if (!Array.isArray(response.body?.data)) return undefined;
    for (const { attributes, ...flat } of response.body.data) {
      const fault: Fault = attributes ?? flat;
      const row = /profiles\/data\/(\d+)/.exec(fault.source?.pointer ?? "")?.[1];
      if (row !== undefined) faults.set(Number(row), fault);
    }
    cursor = nextCursor(response);
  }
  return faults;
}

function nextCursor({ body }: HttpResponse): string | null {
  const next = body?.links?.next;
  return typeof next === "string" ? new URL(next, "https://a.klaviyo.com").searchParams.get("page[cursor]") : null;
}

/** E-mail -> profile id, 100 a call; never makes a profile. */
function* idsByEmail(config: Config, emails: readonly string[]): Exchange<Map<string, string> | HttpResponse> {
  const found = new Map<string, string>();
  for (const some of chunks([...new Set(emails)], 100)) {
    const filter = encodeURIComponent(`any(email,${JSON.stringify(some)})`);
    const response = yield* call(config, "GET", `profiles?filter=${filter}&fields[profile]=email&page[size]=100`);
    if (!Array.isArray(response.body?.data)) return response;
    for (const { id, attributes } of response.body.data) found.set(String(attributes?.email).toLowerCase(), String(id));
  }
  return found;
}

const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";

function* write(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const { config, mode } = ctx;
  if (batch.changes.length <= config.single_imports || mode === "update")
    return yield* importEach(batch, ctx, list === undefined);
  const outcomes = yield* importJob(batch, ctx, list);
  const found = yield* idsByEmail(config, batch.changes.map(emailOf).filter(Boolean));
  if (!(found instanceof Map)) return outcomes;
  return outcomes.map((outcome, index) => {
    const id = found.get(emailOf(batch.changes[index]!));
    return outcome.status === "accepted" && id !== undefined ? accepted(id) : outcome;
  });
}

/** Profile by profile; `inPlace` lets a known profile take a changed e-mail, which only records may (R10). */
function* importEach(batch: Batch, { config, mode }: Context<Config>, inPlace: boolean): Exchange<readonly Outcome[]> {
  const existing =
    mode === "update" ? yield* idsByEmail(config, batch.changes.map(emailOf).filter(Boolean)) : undefined;
  if (existing !== undefined && !(existing instanceof Map)) return all(batch, failed(existing));
  const outcomes: Outcome[] = [];
  for (const change of batch.changes) {
    const id = (inPlace ? change.before?.remoteId : undefined) ?? existing?.get(emailOf(change));
    if (existing !== undefined && id === undefined) outcomes.push(skipped("not_found"));
    else outcomes.push(yield* importOne(config, attributesOf(change), id));
  }
  return outcomes;
}

function* relate(ctx: Context<Config>, method: "POST" | "DELETE", ids: readonly string[]): Exchange<Outcome> {
  // 1,000 profiles a call (spec, add_profiles_to_list).
  for (const some of chunks([...new Set(ids)], 1000)) {
    const data = some.map((id) => ({ type: "profile", id }));
    const response = yield* call(
      ctx.config,
      method,
      `lists/${encodeURIComponent(ctx.remote.id)}/relationships/profiles`,
      { data },
    );
    if (response.status !== 204) return failed(response);
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
  const joined = yield* relate(ctx, "POST", ids);
  return written.map((outcome) => (outcome.status === "accepted" && joined.status !== "accepted" ? joined : outcome));
}

function* leaveList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const missing = batch.changes.filter((change) => remoteIdOf(change) === undefined);
  const found = yield* idsByEmail(ctx.config, missing.map(emailOf).filter(Boolean));
  if (!(found instanceof Map)) return all(batch, failed(found));
  const ids = batch.changes.map((change) => remoteIdOf(change) ?? found.get(emailOf(change)));
  const left = yield* relate(
    ctx,
    "DELETE",
    ids.filter((id) => id !== undefined),
  );
  return ids.map((id) => (id === undefined ? accepted() : left));
}

/** Lists have no description to mark; one of exactly this name is taken, several stop the sync (R43). */
function* ensureList(ctx: Omit<Context<Config>, "remote">): Exchange<{ readonly id: string }> {
  const { config, remoteConfig } = ctx;
  if (remoteConfig["id"] !== undefined) return { id: String(remoteConfig["id"]) };
  const name = String(remoteConfig["name"] ?? ctx.sync);
  const found = yield* call(
    config,
    "GET",
    `lists?filter=${encodeURIComponent(`equals(name,${JSON.stringify(name)})`)}`,
  );
  if (!Array.isArray(found.body?.data))
    return stop("target", `cannot list lists: ${faultsOf(found)[0]?.detail ?? `HTTP ${found.status}`}`);
  const lists = found.body.data.filter((list: { attributes?: { name?: unknown } }) => list?.attributes?.name === name);
  if (lists.length > 1) return stop("target", `${lists.length} lists are called "${name}"`, "set remote: { id }");
  if (lists.length === 1) return { id: String(lists[0].id) };
  if (remoteConfig["create"] === false)
    return stop("target", `there is no list "${name}"`, "set remote: { create: true }");
  const made = yield* call(config, "POST", "lists", { data: { type: "list", attributes: { name } } });
  const id = made.body?.data?.id;
  return typeof id === "string"
    ? { id }
    : stop("target", `Klaviyo did not make the list: ${faultsOf(made)[0]?.detail ?? `HTTP ${made.status}`}`);
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
  effects: ["http", "checkpoint"],
  hosts: (config) => [new URL(base(config)).hostname],
  auth: { type: "header", header: "authorization", value: "Klaviyo-API-Key {api_key}" },
  *check({ config }) {
    const response = yield* call(config, "GET", "lists?page[size]=1");
    const ok = response.status === 200;
    return [
      {
        ok,
        message: ok
          ? "reads lists"
          : `cannot read lists: ${faultsOf(response)[0]?.detail ?? `HTTP ${response.status}`}`,
      },
    ];
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
      ensure: ensureList,
      deliver: deliverList,
    }),
  },
});
