/**
 * HubSpot: contacts by batch upsert, and manual lists. Lists take record ids, so the contact is written first and its id kept.
 * Batches answer 207 when only some rows failed; `objectWriteTraceId` says which.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, byStatus, rejected, skipped, stop, unknown } from "millrace/destination";
import {
  apiBase,
  chunks,
  defineDestination,
  defineObject,
  email,
  get,
  networkSettings,
  post,
  put,
  remoteIdOf,
} from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({ ...networkSettings });
type Config = z.output<typeof settings>;

const contacts = "/crm/v3/objects/contacts";
const url = (config: Config, path: string): string => apiBase(config, "https://api.hubapi.com") + path;
const wordsOf = (response: HttpResponse): string | undefined => response.body?.message;
const emailOf = (change: Change): string => change.identifiers["email"] ?? "";

/** HubSpot takes every property as text; "" clears one. */
const property: Field = {
  describe: "Contact property",
  encode: (value) => ({ value: value === null || typeof value === "string" ? value : propertyText(value) }),
};
function propertyText(value: NonNullable<Json>): string {
  if (Array.isArray(value)) return value.map(String).join(";");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
const properties = ({ fields }: Change): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? "" : String(value)]));

/** Verdicts of a batch call by trace id, which is the row's place in the request. */
function verdicts(response: HttpResponse, count: number): readonly Outcome[] {
  const { status, body } = response;
  if (status !== 200 && status !== 201 && status !== 207) {
    const one = byStatus(response, wordsOf(response));
    const known =
      one.status === "rejected" && typeof body?.category === "string" ? rejected(body.category, one.message) : one;
    return Array.from({ length: count }, () => (known.status === "accepted" ? unknown("broken answer") : known));
  }
  const found = new Map<string, Outcome>();
  let general: Outcome = unknown("broken answer: no result for this row");
  for (const result of Array.isArray(body?.results) ? body.results : []) {
    if (typeof result?.id === "string") found.set(String(result.objectWriteTraceId), accepted(result.id));
  }
  for (const error of Array.isArray(body?.errors) ? body.errors : []) {
    const outcome = rejected(String(error?.category ?? "rejected"), String(error?.message ?? "refused"));
    const traces = error?.context?.objectWriteTraceId;
    if (Array.isArray(traces)) for (const trace of traces) found.set(String(trace), outcome);
    else general = outcome;
  }
  return Array.from({ length: count }, (_, index) => found.get(String(index)) ?? general);
}

type Call = { readonly path: "upsert" | "update"; readonly id: string; readonly change: Change };

function* write(config: Config, calls: readonly Call[]): Exchange<ReadonlyMap<Change, Outcome>> {
  const found = new Map<Change, Outcome>();
  for (const path of ["upsert", "update"] as const) {
    const mine = calls.filter((call) => call.path === path);
    if (mine.length === 0) continue;
    const inputs = mine.map(({ id, change }, index) => ({
      id,
      ...(path === "upsert" ? { idProperty: "email" } : {}),
      properties: { ...properties(change), email: emailOf(change) },
      objectWriteTraceId: String(index),
    }));
    const response = yield* post(url(config, `${contacts}/batch/${path}`), { inputs });
    verdicts(response, mine.length).forEach((outcome, index) => found.set(mine[index]!.change, outcome));
  }
  return found;
}

/** E-mail -> record id of the contacts that exist; undefined when HubSpot did not give an answer to rely on. */
function* idsBy(config: Config, by: string, values: readonly string[]): Exchange<Map<string, string> | HttpResponse> {
  const found = new Map<string, string>();
  for (const some of chunks([...new Set(values)], 100)) {
    const inputs = some.map((id) => ({ id }));
    const body = { idProperty: by, inputs, properties: [by], propertiesWithHistory: [] };
    const response = yield* post(url(config, `${contacts}/batch/read`), body);
    if ((response.status !== 200 && response.status !== 207) || !Array.isArray(response.body?.results)) return response;
    for (const { id, properties: held } of response.body.results)
      found.set(String(held?.[by]).toLowerCase(), String(id));
  }
  return found;
}

/** Record ids of changes, from the ledger or by e-mail; a change that is absent is not at HubSpot. */
function* idsOf(config: Config, changes: readonly Change[]): Exchange<Map<Change, string> | HttpResponse> {
  const missing = changes.filter((change) => remoteIdOf(change) === undefined).map(emailOf);
  const found = yield* idsBy(config, "email", missing.filter(Boolean));
  if (!(found instanceof Map)) return found;
  const pairs = changes.map((change) => [change, remoteIdOf(change) ?? found.get(emailOf(change))] as const);
  return new Map(pairs.filter((pair): pair is readonly [Change, string] => pair[1] !== undefined));
}

/** An answer that should have held ids: never a success. */
function withoutIds(batch: Batch, response: HttpResponse): readonly Outcome[] {
  const outcome = byStatus(response, wordsOf(response));
  return all(batch, outcome.status === "accepted" ? unknown("broken answer: no results") : outcome);
}

/** Writes contacts; `move` lets a changed e-mail change the contact in place, which only records may (R10). */
function* writeContacts(batch: Batch, { config, mode }: Context<Config>, move: boolean): Exchange<readonly Outcome[]> {
  const { changes } = batch;
  const existing = mode === "update" ? yield* idsOf(config, changes) : undefined;
  if (existing !== undefined && !(existing instanceof Map)) return withoutIds(batch, existing);
  const taken = new Set<string>();
  const calls: Call[] = [];
  const outcomes = new Map<Change, Outcome>();
  for (const change of changes) {
    const address = emailOf(change);
    const moved = move && remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
    const id = existing?.get(change) ?? moved;
    if (existing !== undefined && id === undefined) outcomes.set(change, skipped("not_found"));
    // The same e-mail twice fails the whole batch at HubSpot.
    else if (taken.has(address))
      outcomes.set(change, rejected("duplicate_email", "the same e-mail twice in one batch"));
    else calls.push(id === undefined ? { path: "upsert", id: address, change } : { path: "update", id, change });
    taken.add(address);
  }
  const written = yield* write(config, calls);
  return changes.map((change) => outcomes.get(change) ?? written.get(change) ?? unknown("no verdict"));
}

function* archiveContacts(batch: Batch, { config }: Context<Config>): Exchange<readonly Outcome[]> {
  const ids = yield* idsOf(config, batch.changes);
  if (!(ids instanceof Map)) return withoutIds(batch, ids);
  if (ids.size === 0) return all(batch, accepted());
  const inputs = [...new Set(ids.values())].map((id) => ({ id }));
  const response = yield* post(url(config, `${contacts}/batch/archive`), { inputs });
  return all(batch, byStatus(response, wordsOf(response)));
}

/** Adds or takes ids; `recordIdsMissing` are records that no longer exist. Mind HubSpot's own spelling `recordsIdsAdded`. */
function* changeList(
  ctx: Context<Config>,
  way: "add" | "remove",
  ids: readonly string[],
): Exchange<(id: string) => Outcome> {
  const response = yield* put(
    url(ctx.config, `/crm/v3/lists/${encodeURIComponent(ctx.remote.id)}/memberships/${way}`),
    ids,
  );
  const outcome = byStatus(response, wordsOf(response));
  if (outcome.status !== "accepted") return () => outcome;
  const gone = response.body?.recordIdsMissing;
  if (!Array.isArray(response.body?.recordIdsRemoved) && !Array.isArray(response.body?.recordsIdsAdded)) {
    return () => unknown("broken answer: no memberships");
  }
  const missing = new Set<string>(Array.isArray(gone) ? gone.map(String) : []);
  return (id) => (way === "add" && missing.has(id) ? rejected("record_missing", "the contact is gone") : accepted(id));
}

function* deliverList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") {
    const ids = yield* idsOf(ctx.config, batch.changes);
    if (!(ids instanceof Map)) return withoutIds(batch, ids);
    if (ids.size === 0) return all(batch, accepted());
    const verdict = yield* changeList(ctx, "remove", [...new Set(ids.values())]);
    return batch.changes.map((change) => (ids.has(change) ? verdict(ids.get(change)!) : accepted()));
  }
  const written = yield* writeContacts(batch, ctx, false);
  const ids = written.flatMap((outcome) =>
    outcome.status === "accepted" && outcome.remoteId !== undefined ? [outcome.remoteId] : [],
  );
  if (ids.length === 0) return written;
  const verdict = yield* changeList(ctx, "add", [...new Set(ids)]);
  return written.map((outcome) => (outcome.status === "accepted" ? verdict(outcome.remoteId ?? "") : outcome));
}

/** Names of lists are unique in an account: a list of that name is taken, unless its members follow from filters. */
function* ensureList(ctx: Omit<Context<Config>, "remote">): Exchange<{ readonly id: string }> {
  const { config, remoteConfig } = ctx;
  if (remoteConfig["id"] !== undefined) return { id: String(remoteConfig["id"]) };
  const name = String(remoteConfig["name"] ?? ctx.sync);
  const search = { query: name, objectTypeId: "0-1", offset: 0, count: 500, additionalProperties: [] };
  const found = yield* post(url(config, "/crm/v3/lists/search"), search);
  if (!Array.isArray(found.body?.lists))
    return stop("target", `cannot search lists: ${wordsOf(found) ?? `HTTP ${found.status}`}`);
  const [list, ...others] = found.body.lists.filter((each: { name?: unknown }) => each?.name === name);
  if (others.length > 0) return stop("target", `several lists are called "${name}"`, "set remote: { id }");
  if (list?.processingType === "DYNAMIC")
    return stop("target", `the list "${name}" is filled by filters`, "name a manual list");
  if (list !== undefined) return { id: String(list.listId) };
  if (remoteConfig["create"] === false)
    return stop("target", `there is no list "${name}"`, "set remote: { create: true }");
  const made = yield* post(url(config, "/crm/v3/lists"), { name, objectTypeId: "0-1", processingType: "MANUAL" });
  const id = made.body?.list?.listId;
  return id === undefined
    ? stop("target", `HubSpot did not make the list: ${wordsOf(made) ?? `HTTP ${made.status}`}`)
    : { id: String(id) };
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: {},
  openFields: property,
  // 100 inputs a batch; 100 requests per 10 s on the smallest plan. developers.hubspot.com/docs/api/usage-details
  limits: { rows: 100, rate: { requests: 100, perSeconds: 10 } },
  *lookup(by: string, values: readonly string[], { config }: Context<Config>): Exchange<ReadonlyMap<string, string>> {
    const found = yield* idsBy(config, by, values);
    return found instanceof Map ? found : new Map();
  },
} as const;

export default defineDestination<Config>({
  name: "hubspot",
  describe: "HubSpot contacts and lists.",
  docs: "https://developers.hubspot.com/docs/api/crm/contacts",
  config: settings,
  credentials: z.strictObject({
    access_token: z.string().describe("Private-app token: crm.objects.contacts and crm.lists, read and write."),
  }),
  guide: {
    credentials:
      "Make a private app under Settings, Integrations, with crm.objects.contacts and crm.lists, read and write, and take its access token.",
    refused: "Batches answer row by row: a refused row has HubSpot's category and words, the others are written.",
    erasure: "HubSpot's GDPR delete of the contact, which also blocks its e-mail from coming back.",
  },
  effects: ["http"],
  hosts: (config) => [new URL(url(config, "/")).hostname],
  auth: { type: "bearer", secret: "access_token" },
  *check({ config }) {
    const response = yield* get(url(config, `${contacts}?limit=1`));
    const ok = response.status === 200;
    return [
      {
        ok,
        message: ok ? "reads contacts" : `cannot read contacts: ${wordsOf(response) ?? `HTTP ${response.status}`}`,
      },
    ];
  },
  objects: {
    contact: defineObject<Config, "email">({
      ...common,
      describe: "A contact, known by its e-mail",
      kind: "record",
      deliver: (batch, ctx) => (batch.op === "remove" ? archiveContacts(batch, ctx) : writeContacts(batch, ctx, true)),
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being in a manual contact list; the contact is made when absent",
      kind: "membership",
      ensure: ensureList,
      deliver: deliverList,
    }),
  },
});
