/**
 * Pipedrive: persons and organizations. There is no upsert: a record is found by search (which lags by seconds, so its id is
 * kept), then changed or made. Making one is never repeated while it may have been taken.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, anyValue, defineDestination, defineObject, email, exact, jsonApi, list } from "millrace/destination";
import {
  networkSettings,
  number,
  oauthCredentials,
  oneOf,
  refreshGrant,
  rejected,
  remoteIdOf,
} from "millrace/destination";
import { rowByRow, skipped, stop, text } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  company: z
    .string()
    .regex(/^[\w-]+$/)
    .optional()
    .describe("Subdomain of the company: acme of acme.pipedrive.com; default: the one of the token."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Ctx = Context<Config>;
type Values = Readonly<Record<string, Json>>;

const api = jsonApi<Config>({
  session: true,
  base: ({ company }, { api_domain = "https://api.pipedrive.com" }) =>
    `${company === undefined ? api_domain : `https://${company}.pipedrive.com`}/api/v2`,
  fault: ({ body }) => (body?.success === false ? { code: body.code, message: body.error } : undefined),
  judge: ({ status }, fault) =>
    status === 402 ? stop("permission", fault?.message ?? "HTTP 402", "look at the plan of the account") : undefined,
});

interface Kind {
  readonly one: "person" | "organization";
  /** The identifier that is no custom field, and so has a search of its own. */
  readonly by: "email" | "name";
  readonly fields: Readonly<Record<string, Field>>;
}

const pathOf = ({ one }: Kind, id?: string): string => (id === undefined ? `${one}s` : `${one}s/${id}`);
const isGone = ({ status, body }: HttpResponse): boolean =>
  status === 404 || status === 410 || body?.data?.is_deleted === true;

/** E-mails or phones as Pipedrive has them, the first one primary. */
const entries = (values: readonly Json[]): readonly Json[] =>
  values.map((value, index) => ({ value, primary: index === 0, label: "work" }));

/** Fields by their names; those Pipedrive does not know are custom fields by their key. `kept`: e-mails of others. */
function bodyOf(kind: Kind, given: Values, kept: readonly Json[] = []): Values {
  const body: Record<string, Json> = {};
  const custom_fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === "email") body["emails"] = entries([value, ...kept]);
    else if (name === "phones") body[name] = entries(Array.isArray(value) ? value : []);
    else (name in kind.fields || name === kind.by ? body : custom_fields)[name] = value;
  }
  return Object.keys(custom_fields).length === 0 ? body : { ...body, custom_fields };
}

function written(response: HttpResponse): Outcome {
  const id = response.body?.data?.id;
  return response.body?.success === true && typeof id === "number" ? accepted(String(id)) : api.broken(response);
}

/** Ids of the records that have a value, in any case. */
function* search(
  ctx: Pick<Ctx, "config">,
  kind: Kind,
  name: string,
  value: string,
): Exchange<readonly string[] | Outcome> {
  const own = name === kind.by;
  const term = `term=${encodeURIComponent(value)}`;
  const path = own
    ? `${pathOf(kind)}/search?${term}&fields=${name}&exact_match=true`
    : `itemSearch/field?${term}&entity_type=${kind.one}&match=exact&field=${encodeURIComponent(name)}`;
  const response = yield* api.get(ctx, path);
  const items = own ? response.body?.data?.items : response.body?.data;
  return Array.isArray(items) ? items.map((each) => String((each.item ?? each).id)) : api.broken(response);
}

/** The one record of a change's identifier: undefined when there is none, an outcome when nobody can tell. */
function* find(ctx: Ctx, kind: Kind, { identifiers }: Change): Exchange<string | Outcome | undefined> {
  const [name, value] = Object.entries(identifiers)[0] ?? ["", ""];
  const ids = yield* search(ctx, kind, name, value);
  if (!Array.isArray(ids)) return ids as Outcome;
  return ids.length < 2 ? ids[0] : rejected("several_found", `several ${kind.one}s have this ${name}`);
}

/**
 * Changes a record; undefined where it is gone. An identifier that changed is written too, and since e-mails are replaced as a
 * whole, those that others added are kept and the former one goes.
 */
function* update(ctx: Ctx, kind: Kind, change: Change, id: string): Exchange<Outcome | undefined> {
  const { before, fields, identifiers } = change;
  const moved = before?.remoteId === id && remoteIdOf(change) === undefined;
  let kept: readonly Json[] = [];
  if (moved && kind.by === "email") {
    const held = yield* api.get(ctx, pathOf(kind, id));
    if (isGone(held)) return undefined;
    if (!Array.isArray(held.body?.data?.emails)) return api.broken(held);
    const own = new Set([identifiers["email"], ...before.ids.map(({ value }) => value)]);
    kept = held.body.data.emails.flatMap(({ value }: any) => (own.has(String(value).toLowerCase()) ? [] : [value]));
  }
  const body = bodyOf(kind, moved ? { ...fields, ...identifiers } : fields, kept);
  const path = pathOf(kind, id);
  const response = Object.keys(body).length === 0 ? yield* api.get(ctx, path) : yield* api.patch(ctx, path, body);
  return isGone(response) ? undefined : written(response);
}

function* write(ctx: Ctx, kind: Kind, change: Change): Exchange<Outcome> {
  const known = change.before?.remoteId;
  const kept = known === undefined ? undefined : yield* update(ctx, kind, change, known);
  if (kept !== undefined) return kept;
  const found = yield* find(ctx, kind, change);
  if (typeof found === "object") return found;
  const changed = found === undefined ? undefined : yield* update(ctx, kind, change, found);
  if (changed !== undefined) return changed;
  if (ctx.mode === "update") return skipped("not_found");
  const body = bodyOf(kind, { ...change.fields, ...change.identifiers });
  return written(yield* api.post(ctx, pathOf(kind), body, { once: true }));
}

function* remove(ctx: Ctx, kind: Kind, change: Change): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(ctx, kind, change));
  if (typeof id !== "string") return id ?? accepted();
  const response = yield* api.del(ctx, pathOf(kind, id));
  if (isGone(response)) return accepted();
  return response.body?.success === true ? accepted() : api.broken(response);
}

const recordOf = (kind: Kind) =>
  ({
    kind: "record",
    ops: ["add", "update", "remove"],
    delivery: "set",
    identify: "any",
    openIdentifiers: exact("A unique custom field, by its 40-character key"),
    fields: kind.fields,
    openFields: anyValue({ describe: "A custom field, by its 40-character key" }),
    // 20 requests in 2 s on the smallest plan (pipedrive.readme.io, core-api-concepts-rate-limiting).
    limits: { rows: 50, rate: { requests: 20, perSeconds: 2 } },
    deliver: (batch: Batch, ctx: Ctx) =>
      rowByRow(batch, (change) => (batch.op === "remove" ? remove : write)(ctx, kind, change)),
    *lookup(by: string, values: readonly string[], ctx: Ctx): Exchange<ReadonlyMap<string, string>> {
      const found = new Map<string, string>();
      for (const value of values) {
        const ids = yield* search(ctx, kind, by, value);
        if (Array.isArray(ids) && ids.length === 1) found.set(value, ids[0]);
      }
      return found;
    },
  }) as const;

const whole = number({ integer: true });
const common = { owner_id: whole, visible_to: whole, label_ids: anyValue(), add_time: text() };
const statuses = ["no_consent", "unsubscribed", "subscribed", "archived"];
const person: Kind = {
  one: "person",
  by: "email",
  fields: { ...common, name: text(), org_id: whole, phones: list(), marketing_status: oneOf(statuses) },
};
const organization: Kind = { one: "organization", by: "name", fields: { ...common, address: anyValue() } };

export default defineDestination<Config>({
  name: "pipedrive",
  describe: "Pipedrive persons and organizations.",
  docs: "https://developers.pipedrive.com/docs/api/v1",
  guide: {
    credentials:
      "Personal preferences, API: take the API token; or make an app with contacts:full and search:read and keep its refresh token.",
    refused: "One record a request: each refused row has Pipedrive's own code and words.",
    erasure: "Delete the record: Pipedrive keeps it as deleted for 30 days.",
  },
  config: settings,
  credentials: z.strictObject({
    api_token: z.string().optional().describe("API token of a user."),
    ...oauthCredentials,
  }),
  auth: {
    type: "oauth2",
    token({ credentials }) {
      const basic = Buffer.from(`${String(credentials["client_id"])}:${String(credentials["client_secret"])}`);
      const headers = { authorization: `Basic ${basic.toString("base64")}` };
      const request = { url: "https://oauth.pipedrive.com/oauth/token", form: refreshGrant(credentials), headers };
      return credentials["refresh_token"] === undefined ? null : request;
    },
    headers: (token, { credentials: { api_token } }) =>
      typeof api_token === "string" ? { "x-api-token": api_token } : { authorization: `Bearer ${token}` },
  },
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), "oauth.pipedrive.com"],
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "persons?limit=1"), "reads persons");
  },
  objects: {
    person: defineObject<Config, "email">({
      ...recordOf(person),
      describe: "A person, found by e-mail or a custom field",
      identifiers: { email: email() },
    }),
    organization: defineObject<Config, "name">({
      ...recordOf(organization),
      describe: "An organization, found by name or a custom field",
      identifiers: { name: exact("Name") },
    }),
  },
});
