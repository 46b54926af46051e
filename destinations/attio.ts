/**
 * Attio: records by assert (found by a unique attribute, or made), and being in a list. One record a request. A list entry
 * points to a record, so the record is written first.
 */
import type { Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, anyValue, defineDestination, defineObject, domainName, email } from "millrace/destination";
import { ensureNamed, exact, jsonApi, nested, networkSettings, paged, rejected } from "millrace/destination";
import { remoteIdOf, rowByRow, skipped } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({ ...networkSettings });
type Config = z.output<typeof settings>;
type Ctx = Context<Config>;
type Values = Readonly<Record<string, Json>>;

const api = jsonApi<Config>({
  base: () => "https://api.attio.com/v2",
  fault: ({ body }) => (typeof body?.code === "string" ? { code: body.code, message: body.message } : undefined),
});

const records = ({ remoteConfig }: Pick<Ctx, "remoteConfig">, id = ""): string =>
  `objects/${encodeURIComponent(String(remoteConfig["attio_object"]))}/records${id && `/${encodeURIComponent(id)}`}`;
const entries = ({ remote }: Ctx): string => `lists/${encodeURIComponent(remote.id)}/entries`;

/** What a record is found by. */
const matchOf = ({ identifiers }: Change): readonly [attribute: string, value: string] =>
  Object.entries(identifiers)[0] ?? ["", ""];

/** A name is set with all three parts (docs.attio.com/docs/attribute-types/attribute-types-personal-name), or text. */
function wholeName(name: Values): Json {
  const first = name["first_name"] ?? "";
  const last = name["last_name"] ?? "";
  const full = name["full_name"] ?? [first, last].filter((part) => part !== "").join(" ");
  return full === "" ? [] : { first_name: first, last_name: last, full_name: full };
}

/** Identifiers and fields as values; an attribute without any value is an empty list. */
function valuesOf({ identifiers, fields }: Change): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const [name, value] of Object.entries(nested(fields))) values[name] = value ?? [];
  const { name } = values;
  if (typeof name === "object" && !Array.isArray(name)) values["name"] = wholeName(name as Values);
  for (const [kind, value] of Object.entries(identifiers)) values[kind] = [value];
  return values;
}

function written(response: HttpResponse): Outcome {
  const id = response.body?.data?.id?.record_id;
  return response.status === 200 && typeof id === "string" ? accepted(id) : api.broken(response);
}

function* assert(change: Change, values: Values, ctx: Ctx): Exchange<Outcome> {
  const path = `${records(ctx)}?matching_attribute=${encodeURIComponent(matchOf(change)[0])}`;
  return written(yield* api.put(ctx, path, { data: { values } }));
}

/** The one record of the change's identifier: undefined when there is none, an outcome when nobody can tell. */
function* find(change: Change, ctx: Ctx): Exchange<string | Outcome | undefined> {
  const [attribute, value] = matchOf(change);
  const response = yield* api.post(ctx, `${records(ctx)}/query`, { filter: { [attribute]: value }, limit: 2 });
  const found = response.body?.data;
  if (found?.length === 0) return undefined;
  if (found?.length > 1) return rejected("multiple_match_results", `several records have this ${attribute}`);
  const id = found?.[0]?.id?.record_id;
  return typeof id === "string" ? id : api.broken(response);
}

/**
 * Writes a record whose identifier changed, in place (R10); undefined when it is gone. PUT replaces all addresses of a record:
 * those that others added are kept, the former one goes, so that whoever gets it next is not taken for this person.
 */
function* move(change: Change, id: string, ctx: Ctx): Exchange<Outcome | undefined> {
  const held = yield* api.get(ctx, records(ctx, id));
  if (held.status === 404) return undefined;
  if (typeof (held.body?.data?.values ?? null) !== "object") return api.broken(held);
  const values = valuesOf(change);
  for (const [kind, current] of Object.entries(change.identifiers)) {
    const others = (held.body.data.values[kind] ?? []).map((each: any) => each?.email_address ?? each?.domain);
    const former = change.before?.ids.filter((sent) => sent.kind === kind).map(({ value }) => value) ?? [];
    values[kind] = [current, ...others.filter((each: unknown) => each && ![current, ...former].includes(String(each)))];
  }
  return written(yield* api.put(ctx, records(ctx, id), { data: { values } }));
}

function* write(change: Change, ctx: Ctx): Exchange<Outcome> {
  const former = remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
  const moved = former === undefined ? undefined : yield* move(change, former, ctx);
  if (moved !== undefined) return moved;
  const there = ctx.mode === "update" ? yield* find(change, ctx) : "";
  return typeof there === "string" ? yield* assert(change, valuesOf(change), ctx) : (there ?? skipped("not_found"));
}

/** Spec: a DELETE answers 200 and `{}`; what is gone already is what was wanted. */
const gone = (response: HttpResponse): Outcome => (response.status === 404 ? accepted() : api.outcome(response));

function* remove(change: Change, ctx: Ctx): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(change, ctx));
  return typeof id === "string" ? gone(yield* api.del(ctx, records(ctx, id))) : (id ?? accepted());
}

/** Fields `entry.…` are the entry's, the others the record's. */
function* enter(change: Change, ctx: Ctx): Exchange<Outcome> {
  const { entry = {}, ...values } = valuesOf(change);
  const made = yield* assert(change, values, ctx);
  if (made.status !== "accepted") return made;
  const parent = { parent_record_id: made.remoteId, parent_object: ctx.remoteConfig["attio_object"] };
  const response = yield* api.put(ctx, entries(ctx), { data: { ...parent, entry_values: entry } });
  if (typeof response.body?.data?.id?.entry_id === "string") return made;
  // Twice in the list is in the list, where the entry has no values to write.
  const twice = response.body?.code === "multiple_match_results" && Object.keys(entry as object).length === 0;
  return twice ? made : api.broken(response);
}

function* leave(change: Change, ctx: Ctx): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(change, ctx));
  if (typeof id !== "string") return id ?? accepted();
  // 1,000 entries at most (spec); a record in more lists than that is none.
  const response = yield* api.get(ctx, `${records(ctx, id)}/entries?limit=1000`);
  if (response.status === 404) return accepted();
  if (!Array.isArray(response.body?.data)) return api.broken(response);
  for (const { list_id, list_api_slug, entry_id } of response.body.data) {
    if (list_id !== ctx.remote.id && list_api_slug !== ctx.remote.id) continue;
    const left = gone(yield* api.del(ctx, `${entries(ctx)}/${encodeURIComponent(entry_id)}`));
    if (left.status !== "accepted") return left;
  }
  return accepted();
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email_addresses: email(), domains: domainName() },
  openIdentifiers: exact("Another unique attribute"),
  fields: {},
  openFields: anyValue({ describe: "An attribute by its slug; dots for parts of a value, as name.first_name" }),
  // 25 writes a second (facts C4); a hundred rows are a few seconds' work.
  limits: { rows: 100, rate: { requests: 25, perSeconds: 1 } },
  remote: z.object({
    attio_object: z.string().min(1).describe("Slug or id of the object: people, companies, or one of your own."),
  }),
} as const;

/** What the token may do stands in its own description (docs.attio.com/rest-api/endpoint-reference/meta/identify). */
const scopes = ["record_permission", "object_configuration", "list_entry", "list_configuration"];

export default defineDestination<Config>({
  name: "attio",
  describe: "Attio records and lists.",
  docs: "https://docs.attio.com/rest-api/overview",
  guide: {
    credentials:
      "Workspace settings, Developers: make an access token with records and list entries read and write, object and list configuration read.",
    refused: "One record a request: each refused row has Attio's own code and words.",
    erasure: "Delete the record: `on_leave: delete`, or mode remove, on object record.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().min(1).describe("Access token of the workspace.") }),
  auth: { type: "bearer", secret: "api_key" },
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    const response = yield* api.get(ctx, "self");
    const granted = String(response.body?.scope);
    const missing = scopes.filter((scope) => !granted.includes(`${scope}:read`));
    return response.status === 200 && missing.length > 0
      ? [{ ok: false, message: `the token lacks ${missing.join(", ")}` }]
      : api.finding(response, "reads and writes records and lists");
  },
  objects: {
    record: defineObject<Config, "email_addresses" | "domains">({
      ...common,
      describe: "A record of an object, found by a unique attribute",
      kind: "record",
      deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? remove : write)(change, ctx)),
    }),
    list: defineObject<Config, "email_addresses" | "domains">({
      ...common,
      describe: "Being in a list; the record is made when absent, fields entry.… are those of the list",
      kind: "membership",
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        find: (_name, ctx) =>
          paged(
            () => api.get(ctx, "lists"),
            ({ body }) => body?.data?.map(({ id, name }: any) => ({ id: id.list_id, name })),
            () => undefined,
          ),
        create(name, ctx) {
          const api_slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
          const access = { workspace_access: "full-access", workspace_member_access: [] };
          const parent_object = ctx.remoteConfig["attio_object"];
          return api.post(ctx, "lists", { data: { name, api_slug, parent_object, ...access } });
        },
        idOf: ({ body }) => body?.data?.id?.list_id,
      }),
      deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? leave : enter)(change, ctx)),
    }),
  },
});
