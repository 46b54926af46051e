/**
 * Intercom: contacts, companies, tags and events, one a request. It has no upsert by e-mail: contacts are searched and then
 * changed or made, and a conflict (HTTP 409) names the one that is there. Subscriptions are never touched.
 */
import type { Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, anyValue, defineDestination, defineObject, email, ensureNamed, exact } from "millrace/destination";
import { externalId, jsonApi, networkSettings, number, rejected, remoteIdOf } from "millrace/destination";
import { rowByRow, skipped, surestKind, text, timestamp } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  region: z.enum(["us", "eu", "au"]).default("us").describe("Where the workspace is hosted."),
  api_version: z.string().default("2.15").describe("Version of the API."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

const api = jsonApi<Config>({
  base: ({ region }) => `https://api.${region === "us" ? "" : `${region}.`}intercom.io`,
  headers: ({ api_version: version }) => ({ "intercom-version": version }),
  fault: ({ body }) => (Array.isArray(body?.errors) ? (body.errors[0] ?? undefined) : undefined),
});
/** What was written, made or taken away comes back with its id. */
const done = (response: HttpResponse, id?: string): Outcome =>
  response.status === 200 && typeof response.body?.id === "string" ? accepted(id) : api.broken(response);
const written = (response: HttpResponse): Outcome => done(response, response.body?.id);

const at = timestamp();
const seconds: Field = {
  describe: "Time; travels as seconds since the epoch",
  encode(value) {
    const found = at.encode(value);
    return "reject" in found || value === null ? found : { value: Math.floor(Date.parse(String(found.value)) / 1000) };
  },
};
type Fields = Readonly<Record<string, Field>>;
const whole = number({ integer: true });
const contactFields: Fields = { name: text(), phone: text(), avatar: text(), signed_up_at: seconds, owner_id: whole };
// Up to 2^31-1, cut to whole units (spec, POST /companies).
const money = number({ integer: true, max: 2_147_483_647 });
const firm = { name: text(), plan: text(), website: text(), industry: text() };
const companyFields: Fields = { ...firm, size: whole, remote_created_at: seconds, monthly_spend: money };

/** Intercom's own fields by their names, all others as custom attributes. */
function bodyOf(own: Fields, { identifiers, fields }: Change): Record<string, Json> {
  const body: Record<string, Json> = { ...identifiers };
  const others: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) (Object.hasOwn(own, name) ? body : others)[name] = value;
  return Object.keys(others).length === 0 ? body : { ...body, custom_attributes: others };
}

/** The user of a change, by external id, else by e-mail unless that one has another external id; new ones take minutes. */
function* find(ctx: Place, { identifiers }: Change): Exchange<string | undefined | HttpResponse> {
  const { external_id: own } = identifiers;
  for (const field of ["external_id", "email"]) {
    const value = identifiers[field];
    if (value === undefined) continue;
    const response = yield* api.post(ctx, "contacts/search", { query: { field, operator: "=", value } });
    if (!Array.isArray(response.body?.data)) return response;
    const isOurs = ({ role, external_id: other }: any): boolean =>
      role === "user" && (own === undefined || (other ?? own) === own);
    const found = response.body.data.find(isOurs);
    if (found !== undefined) return String(found.id);
  }
  return undefined;
}

/** Changes the contact of that id, or makes one unless `absent`; a conflict names the one that is there, which may be archived. */
function* save(ctx: Place, body: object, id?: string, absent?: Outcome): Exchange<Outcome> {
  const changed = id === undefined ? undefined : yield* api.put(ctx, `contacts/${id}`, body);
  if (changed !== undefined && changed.status !== 404) return written(changed);
  if (absent !== undefined) return absent;
  const made = yield* api.post(ctx, "contacts", { role: "user", ...body });
  const [, there] = made.status === 409 ? (/\bid=([\w-]+)/.exec(api.words(made)) ?? []) : [];
  if (there === undefined) return written(made);
  const isAway = /archived/i.test(api.words(made));
  const back = isAway ? written(yield* api.post(ctx, `contacts/${there}/unarchive`)) : accepted();
  return back.status === "accepted" ? written(yield* api.put(ctx, `contacts/${there}`, body)) : back;
}

/** Whoever is not there is away already. */
function* away(request: Exchange<HttpResponse>): Exchange<Outcome> {
  const response = yield* request;
  return response.status === 404 ? accepted() : done(response);
}

function* contact(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const leaves = change.op === "remove";
  // A record that has other identifiers now is changed in place, by its id.
  const id = (leaves ? remoteIdOf(change) : change.before?.remoteId) ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  if (leaves) return id === undefined ? accepted() : yield* away(api.post(ctx, `contacts/${id}/archive`));
  const absent = ctx.mode === "update" ? skipped("not_found") : undefined;
  return yield* save(ctx, bodyOf(contactFields, change), id, absent);
}

function* tag(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const leaves = change.op === "remove";
  if (leaves && surestKind(change, ["external_id", "email"]) === undefined) return accepted();
  const id = remoteIdOf(change) ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  if (leaves) return id === undefined ? accepted() : yield* away(api.del(ctx, `contacts/${id}/tags/${ctx.remote.id}`));
  const put = (contactId: string | undefined) => api.post(ctx, `contacts/${contactId}/tags`, { id: ctx.remote.id });
  const tagged = id === undefined ? undefined : yield* put(id);
  // Of the two that a 404 may speak of, the user is made anew.
  const isGone = tagged?.status === 404 && /user/i.test(api.words(tagged));
  if (tagged !== undefined && !isGone) return done(tagged, id);
  const made = yield* save(ctx, change.identifiers);
  return made.status === "accepted" ? done(yield* put(made.remoteId), made.remoteId) : made;
}

function* company(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const leaves = change.op === "remove";
  if (leaves || ctx.mode === "update") {
    const own = encodeURIComponent(change.identifiers["company_id"] ?? "");
    const found = yield* api.get(ctx, `companies?company_id=${own}`);
    if (found.status === 404) return leaves ? accepted() : skipped("not_found");
    const there = written(found);
    if (there.status !== "accepted") return there;
    if (leaves) return yield* away(api.del(ctx, `companies/${there.remoteId}`));
  }
  return written(yield* api.post(ctx, "companies", bodyOf(companyFields, change)));
}

/** An event of nobody that Intercom knows is refused, where a 404 of other calls speaks of their target. */
function* event(ctx: Place, { identifiers, fields }: Change): Exchange<Outcome> {
  const { event_name, created_at, ...metadata } = fields;
  // 10 keys of metadata, further ones Intercom passes over (spec, POST /events).
  if (Object.keys(metadata).length > 10) return rejected("metadata", "more than 10 metadata keys");
  const { external_id: user_id, ...others } = identifiers;
  const who = user_id === undefined ? others : { ...others, user_id };
  const response = yield* api.post(ctx, "events", { event_name, created_at, ...who, metadata });
  return response.status === 404 ? rejected("not_found", api.words(response)) : api.outcome(response);
}

const user = {
  delivery: "set",
  identify: "any",
  identifiers: { email: email(), external_id: externalId() },
  // 10,000 requests a minute (facts C8).
  limits: { rows: 100, rate: { requests: 160, perSeconds: 1 } },
} as const;
const record = {
  ...user,
  kind: "record",
  ops: ["add", "update", "remove"],
  openFields: anyValue({ describe: "Custom attribute of the workspace, by its name" }),
} as const;

export default defineDestination<Config>({
  name: "intercom",
  describe: "Intercom contacts, companies, tags and events.",
  docs: "https://developers.intercom.com/docs/references/rest-api/api.intercom.io",
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Access token of an app in the workspace.") }),
  guide: {
    credentials:
      "Developer Hub: make an app in the workspace and take its access token; it reads and writes users, companies, tags and events.",
    refused: "Every row is a request of its own and is refused in Intercom's code and words.",
    erasure:
      "Deleting the contact for good (DELETE /contacts/ID); leaving a sync with on_leave: delete only archives it.",
  },
  effects: ["http"],
  hosts: api.hosts,
  auth: { type: "bearer", secret: "access_token" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "tags"), "reads tags");
  },
  objects: {
    contact: defineObject<Config, "email" | "external_id">({
      ...record,
      describe: "A user, known by external id or e-mail",
      fields: contactFields,
      deliver: (batch, ctx) => rowByRow(batch, (change) => contact(ctx, change)),
    }),
    company: defineObject<Config, "company_id">({
      ...record,
      describe: "A company, known by your own id; shown once a user belongs to it",
      identifiers: { company_id: exact("Your own id of the company") },
      fields: companyFields,
      deliver: (batch, ctx) => rowByRow(batch, (change) => company(ctx, change)),
    }),
    tag: defineObject<Config, "email" | "external_id">({
      ...user,
      describe: "Having a tag; the user is made when absent",
      kind: "membership",
      ops: ["add", "remove"],
      fields: {},
      // Tags have no description to mark: one of exactly this name is taken (R43).
      ensure: ensureNamed<Config>({
        what: "tag",
        api,
        *find(_name, ctx) {
          const response = yield* api.get(ctx, "tags");
          return Array.isArray(response.body?.data) ? response.body.data : response;
        },
        create: (name, ctx) => api.post(ctx, "tags", { name }),
        idOf: ({ body }) => body?.id,
      }),
      deliver: (batch, ctx) => rowByRow(batch, (change) => tag(ctx, change)),
    }),
    event: defineObject<Config, "email" | "external_id">({
      ...user,
      describe: "Something a user did",
      kind: "event",
      ops: ["add"],
      // Intercom "may" pass over a second event of the same name and second (spec, POST /events): too little to rely on.
      delivery: "once",
      fields: { event_name: text({ required: true }), created_at: { ...seconds, required: true } },
      openFields: anyValue({ describe: "Metadata of the event" }),
      // One a request, so that what is in doubt is one event.
      limits: { ...user.limits, rows: 1 },
      deliver: (batch, ctx) => rowByRow(batch, (change) => event(ctx, change)),
    }),
  },
});
