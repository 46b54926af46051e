/** HubSpot: records by batches, lists, who belongs to what. A batch answers 207 where only some rows failed, by trace id. */
import type { Batch, Context, Exchange, Identifier, Json, MatchedRow, Outcome } from "millrace/destination";
import type { RecordTable } from "millrace/destination";
import { accepted, all, deferred, defineDestination, defineObject, deliverRecords } from "millrace/destination";
import { domainName, email, ensureNamed, exact, idsInChunks, jsonApi, listRecords, lookUp } from "millrace/destination";
import { mapValues, networkSettings, normalizeDomain, normalizeEmail, normalizeExact } from "millrace/destination";
import { pairRecords, rejected, rejectedEach, sizeOf, text, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  api_version: z.string().default("v3").describe("Version of the CRM API: v3, or a date as in 2026-03."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: () => "https://api.hubapi.com/crm",
  fault({ body }) {
    if (typeof body?.category !== "string") return undefined;
    const scopes = [body.errors?.[0]?.context?.requiredGranularScopes ?? []].flat();
    return { code: body.category, message: [body.message, ...scopes].join(" ") };
  },
  // Locked, and moving to another data centre: nothing was applied (facts C2, unverified).
  judge: ({ status }) => (status === 423 || status === 477 ? deferred(`HTTP ${status}`) : undefined),
});
const area = ({ config: { api_version: version } }: { config: Config }, name: string): string =>
  version !== "v3" ? `${name}/${version}` : `${name === "associations" ? "v4" : "v3"}/${name}`;
const refusal = (error: any, say = rejectedEach): Outcome => say(String(error?.category), String(error?.message));
const listOf = (value: any): readonly any[] => (Array.isArray(value) ? value : []);

/** A type of records: known by a property whose value the identifier `kind` holds; `unique`: HubSpot upserts by it. */
type Type = Record<"path" | "by" | "kind", string> & { readonly unique: boolean; form(raw: string): string | null };
const other = (path: string, by: string): Type => ({ path, by, kind: "id", unique: true, form: normalizeExact });
const contact: Type = { ...other("contacts", "email"), kind: "email", form: normalizeEmail };
// The API does not keep domains unique (HGData/mk-node-hubspot issue 194): companies are searched for, then made.
const company: Type = { path: "companies", by: "domain", kind: "domain", unique: false, form: normalizeDomain };
/** HubSpot takes every property as text; "" clears one. */
const asText = (value: Json): string => String(value ?? "");
function tableOf(ctx: { config: Config }, { path, by, kind: own, unique, form }: Type, kind = own): RecordTable {
  const valueOf: RecordTable["valueOf"] = ({ identifiers }) => form(identifiers[kind] ?? "") ?? "";
  const post = (what: string, body: object, extra = {}) =>
    api.post(ctx, `${area(ctx, "objects")}/${path}/${what}`, body, extra);
  const ask = (some: readonly string[]) => {
    const filters = [{ propertyName: by, operator: "IN", values: some }];
    const named = { idProperty: by, inputs: some.map((id) => ({ id })), propertiesWithHistory: [] };
    const like = { filterGroups: [{ filters }], sorts: [], limit: 200, after: "0" };
    return post(unique ? "batch/read" : "search", { properties: [by], ...(unique ? named : like) }, { harmless: true });
  };
  const pairOf = ({ id, properties }: any) => [form(String(properties?.[by])), String(id)] as [string, string];
  function* write(what: "upsert" | "create" | "update", rows: readonly MatchedRow[]): Exchange<readonly Outcome[]> {
    const inputs = rows.map(({ change, id }, place) => ({
      ...(what === "create" ? { associations: [] } : { id: id ?? valueOf(change) }),
      ...(what === "upsert" ? { idProperty: by } : {}),
      properties: Object.assign(mapValues(change.fields, asText), { [by]: valueOf(change) }),
      objectWriteTraceId: String(place),
    }));
    const response = yield* post(`batch/${what}`, { inputs }, what === "create" ? { once: true } : {});
    const { results, errors } = Object(response.body);
    if (![200, 201, 207].includes(response.status)) return rows.map(() => api.broken(response));
    const found = new Map<string, Outcome>([["all", unknown("broken answer: no result for this row")]]);
    for (const result of listOf(results))
      if (typeof result.id === "string") found.set(String(result.objectWriteTraceId), accepted(result.id));
    for (const error of listOf(errors))
      for (const trace of error.context?.objectWriteTraceId ?? ["all"])
        found.set(String(trace), refusal(error, trace === "all" ? rejected : rejectedEach));
    return rows.map((_, place) => found.get(String(place)) ?? found.get("all")!);
  }
  return {
    what: by,
    look: !unique,
    valueOf,
    broken: api.broken,
    // Of several records with one value the oldest, which HubSpot names first.
    find: (values) => idsInChunks(values, 100, ask, ({ body }) => body?.results?.map(pairOf).toReversed()),
    make: (rows) => write(unique ? "upsert" : "create", rows),
    change: (rows) => write("update", rows),
    *remove(ids) {
      return api.outcome(yield* post("batch/archive", { inputs: ids.map((id) => ({ id })) }));
    },
  };
}

const typeOf = (end: unknown): Type => (end === "company" ? company : contact);
/** Pairs with a label (`USER_DEFINED:27`) or without; answers name pairs that were linked, errors the ids they are about. */
function associate(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const [left, right] = [typeOf(ctx.remoteConfig["from"]), typeOf(ctx.remoteConfig["to"])];
  const removes = batch.op === "remove";
  const [associationCategory, id] = String(ctx.remoteConfig["type"] ?? "").split(":");
  const types = id === undefined ? {} : { types: [{ associationCategory, associationTypeId: Number(id) }] };
  const what = id === undefined ? (removes ? "archive" : "associate/default") : removes ? "labels/archive" : "create";
  const path = `${area(ctx, "associations")}/${left.path}/${right.path}/batch/${what}`;
  return pairRecords(batch, tableOf(ctx, left, "from"), tableOf(ctx, right, "to"), function* (rest, pairs) {
    const toOf = (to: string) => (what === "archive" ? [{ id: to }] : { id: to });
    const inputs = pairs.map(({ from, to }) => ({ from: { id: from }, to: toOf(to), ...types }));
    const response = yield* api.post(ctx, path, { inputs });
    const { results, errors } = Object(response.body);
    if (response.status > 299 || !(removes || Array.isArray(results))) return all(rest, api.broken(response));
    const nameOf = (one: any) => `${one.from?.id ?? one.fromObjectId}/${one.to?.id ?? one.toObjectId}`;
    const done = new Set(listOf(results).map(nameOf));
    return pairs.map(({ from, to }) => {
      if (done.has(`${from}/${to}`) || (removes && listOf(errors).length === 0)) return accepted();
      const error = listOf(errors).find((one) => RegExp(`"(${from}|${to})"`).test(JSON.stringify(one.context)));
      return error === undefined ? unknown("broken answer: no result for this pair") : refusal(error);
    });
  });
}

const end = z.enum(["contact", "company"]);
const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  fields: {},
  // 100 inputs a batch; 100 requests per 10 s on the smallest plan. developers.hubspot.com/docs/api/usage-details
  limits: { rows: 100, rate: { requests: 100, perSeconds: 10 } },
} as const;
const searching = { rows: 100, rate: { requests: 5, perSeconds: 1 } } as const; // facts C2
const openFields = text({ describe: "Property", joined: ";" });
function recordsOf<Kind extends string>(type: Type, describe: string, identifiers: Record<Kind, Identifier>) {
  const limits = type.unique ? common.limits : searching;
  const record = { ...common, openFields, kind: "record", describe, identifiers, limits } as const;
  return defineObject<Config, Kind>({
    ...record,
    deliver: (batch, ctx) => deliverRecords(batch, ctx, tableOf(ctx, type)),
    lookup(by, values, ctx) {
      const own = by === type.by ? type : other(type.path, by);
      return lookUp(values, own.form, tableOf(ctx, own).find);
    },
  });
}

export default defineDestination<Config>({
  name: "hubspot",
  describe: "HubSpot contacts, companies, custom objects, lists and associations.",
  docs: "https://developers.hubspot.com/docs/api/crm/contacts",
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Access token of a private app.") }),
  guide: {
    credentials:
      "Make a private app under Settings, Integrations; scopes, read and write, of what is sent: crm.objects.contacts, crm.objects.companies, crm.objects.custom, crm.lists.",
    refused: "Batches answer row by row: a refused row has HubSpot's category and words, the others are written.",
    erasure: "HubSpot's GDPR delete of the contact, for good: its e-mail cannot come back. on_leave: delete archives.",
  },
  effects: ["http"],
  hosts: api.hosts,
  auth: { type: "bearer", secret: "access_token" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, `${area(ctx, "objects")}/contacts?limit=1`), "reads contacts");
  },
  objects: {
    contact: recordsOf(contact, "A contact, known by its e-mail", { email: email() }),
    company: recordsOf(company, "A company, by its domain; of several the oldest", { domain: domainName() }),
    custom: defineObject<Config, "id">({
      ...common,
      openFields,
      describe: "A record of any type, known by a property with unique values",
      kind: "record",
      identifiers: { id: exact("Value of id_property") },
      remote: z.object({
        custom_object: z.string().min(1).describe("Name or type id: p_machines, 2-123456; also companies, deals …"),
        id_property: z.string().min(1).describe("The property with unique values."),
      }),
      deliver(batch, ctx) {
        const { custom_object: path, id_property: by } = ctx.remoteConfig;
        return deliverRecords(batch, ctx, tableOf(ctx, other(String(path), String(by))));
      },
    }),
    list: defineObject<Config, "email">({
      ...common,
      openFields,
      describe: "Being in a manual contact list; the contact is made when absent",
      kind: "membership",
      identifiers: { email: email() },
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        *find(query, ctx) {
          const page = { objectTypeId: "0-1", offset: 0, count: 500, additionalProperties: [] };
          const found = yield* api.post(ctx, `${area(ctx, "lists")}/search`, { query, ...page });
          const unfit = (type: unknown) => (type === "DYNAMIC" ? "is filled by filters" : undefined);
          const target = (list: any) => ({ id: list.listId, name: list.name, unfit: unfit(list.processingType) });
          return found.body?.lists?.map(target) ?? found;
        },
        create: (name, ctx) =>
          api.post(ctx, area(ctx, "lists"), { name, objectTypeId: "0-1", processingType: "MANUAL" }),
        idOf: ({ body }) => body?.list?.listId,
      }),
      *measure(ctx) {
        return sizeOf((yield* api.get(ctx, `${area(ctx, "lists")}/${ctx.remote.id}`)).body?.list?.size);
      },
      // Mind HubSpot's own spelling: recordsIdsAdded (facts C2).
      deliver(batch, ctx) {
        const table = tableOf(ctx, contact);
        const write = (some: Batch) => deliverRecords(some, ctx, table, { move: false });
        return listRecords(batch, table, write, function* (way, ids) {
          const response = yield* api.put(ctx, `${area(ctx, "lists")}/${ctx.remote.id}/memberships/${way}`, ids);
          const { recordsIdsAdded: added, recordIdsRemoved: removed, recordIdsMissing: gone } = Object(response.body);
          if (!Array.isArray(added) && !Array.isArray(removed)) return () => api.broken(response);
          const missing = new Set(way === "add" ? listOf(gone).map(String) : []);
          return (id) => (missing.has(id) ? rejectedEach("record_missing", "the contact is gone") : accepted(id));
        });
      },
    }),
    association: defineObject<Config, "from" | "to">({
      ...common,
      describe: "Which record belongs to which: a contact, by e-mail, to a company, by domain",
      kind: "membership",
      ops: ["add", "remove"],
      identify: "all",
      limits: searching,
      identifiers: { from: exact("E-mail or domain"), to: exact("E-mail or domain") },
      remote: z.object({
        from: end.default("contact").describe("contact (by e-mail) or company (by domain)."),
        to: end.default("company").describe("The same, of the other end."),
        type: z.string().optional().describe("Category and id of a label: USER_DEFINED:27."),
      }),
      deliver: associate,
    }),
  },
});
