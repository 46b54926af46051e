/**
 * ActiveCampaign: contacts, lists and tags. Its lists know no leaving but unsubscribing, so that people are put into lists
 * but never taken out; and by imports alone, since those subscribe nobody who has unsubscribed.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, defineDestination, defineObject, email, ensureNamed, jsonApi } from "millrace/destination";
import { type NamedOptions, networkSettings, rejected, remoteIdOf, rowByRow, runJob } from "millrace/destination";
import { skipped, stop, text, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z0-9-]+$/i)
    .describe("What stands before .api-us1.com."),
  // "The suggested minimum number of contacts is 10" (spec, bulk_import).
  single_imports: z.int().min(0).default(9).describe("Batches of contacts up to this size go one by one."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

/** Imports are throttled with HTTP 400: 100 of them a minute (spec, bulk_import). */
const isThrottled = ({ status, body }: HttpResponse): boolean =>
  status === 400 && /rate limit/i.test(String(body?.message));

const api = jsonApi<Config>({
  base: ({ account }) => `https://${account}.api-us1.com/api/3`,
  fault({ status, body }) {
    const { title, detail = title, code } = body?.errors?.[0] ?? {};
    const message = detail ?? (status < 400 ? undefined : (body?.failureReasons?.[0]?.failureReason ?? body?.message));
    return typeof message === "string" ? { code, message } : undefined;
  },
});

const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
/** ActiveCampaign's own fields, as imports and as single calls name them. */
const ownNames: Readonly<Record<string, string>> = { first_name: "firstName", last_name: "lastName", phone: "phone" };
const words = text();
/** Texts; several values of one field are parted by || (spec, bulk_import), "" empties it (unverified). */
const custom: Field = {
  describe: "Custom field, by its id",
  encode: (value) => (Array.isArray(value) ? { value: value.map(String).join("||") } : words.encode(value)),
};

/** A contact as imports take it, or as single calls do. */
function contactOf({ identifiers, fields }: Change, way: "import" | "single"): object {
  const contact: Record<string, Json> = { ...identifiers };
  const values: object[] = [];
  for (const [name, given] of Object.entries(fields)) {
    const value = given ?? "";
    const ours = ownNames[name];
    if (ours !== undefined) contact[way === "import" ? name : ours] = value;
    else if (!/^\d+$/.test(name)) stop("target", `ActiveCampaign has no field ${name}`, "custom fields go by ids");
    else values.push(way === "import" ? { id: Number(name), value } : { field: name, value });
  }
  return values.length === 0 ? contact : { ...contact, [way === "import" ? "fields" : "fieldValues"]: values };
}

function* find(ctx: Place, address: string): Exchange<string | undefined | HttpResponse> {
  const response = yield* api.get(ctx, `contacts?email=${encodeURIComponent(address)}`);
  if (!Array.isArray(response.body?.contacts)) return response;
  const found = response.body.contacts.find((one: any) => String(one?.email).toLowerCase() === address);
  return found === undefined ? undefined : String(found.id);
}

function written(response: HttpResponse, name: "contact" | "contactTag"): Outcome {
  const id = response.body?.[name]?.id;
  return response.status < 300 && id !== undefined ? accepted(String(id)) : api.broken(response);
}

/** A record: a changed e-mail changes the contact in place. */
function* writeContact(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const body = { contact: contactOf(change, "single") };
  const former = change.before?.ids.find(({ value }) => value !== emailOf(change))?.value;
  const asked = ctx.mode === "update" ? emailOf(change) : former;
  const there = asked === undefined ? undefined : yield* find(ctx, asked);
  if (typeof there === "object") return api.broken(there);
  if (there !== undefined) return written(yield* api.put(ctx, `contacts/${there}`, body), "contact");
  return ctx.mode === "update" ? skipped("not_found") : written(yield* api.post(ctx, "contact/sync", body), "contact");
}

/** An import of up to 250 contacts, to its end; `failure` names the addresses it refused, without reasons. */
function* importAll(batch: Batch, ctx: Context<Config>, more: object): Exchange<readonly Outcome[]> {
  const rows = new Map(batch.changes.map((change) => [emailOf(change), { ...contactOf(change, "import"), ...more }]));
  const ended = yield* runJob<string, readonly Outcome[]>(ctx, {
    *start() {
      const response = yield* api.post(ctx, "import/bulk_import", { contacts: [...rows.values()] });
      const job = response.body?.batchId;
      return response.status === 200 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `import/info?batchId=${encodeURIComponent(job)}`, { afterMs });
      const { status, success, failure } = response.body ?? {};
      if (response.status === 404) return "forgotten";
      if (["waiting", "claimed", "active"].includes(status)) return undefined;
      if (status !== "completed" || success.length + failure.length < rows.size)
        return all(batch, status === undefined ? api.broken(response) : unknown(`import ${status}`));
      const refused = new Set(failure.map((one: unknown) => String(one).toLowerCase()));
      const outcome = rejected("import", "refused by ActiveCampaign's import");
      return batch.changes.map((change) => (refused.has(emailOf(change)) ? outcome : accepted()));
    },
  });
  return "outcome" in ended ? all(batch, ended.outcome) : ended.result;
}

function* gone(request: Exchange<HttpResponse>): Exchange<Outcome> {
  const response = yield* request;
  return response.status === 404 ? accepted() : api.outcome(response);
}

/** What is done with the contact of a row that leaves. */
function* away(ctx: Place, change: Change, act: (id: string) => Exchange<Outcome>): Exchange<Outcome> {
  const id = yield* find(ctx, emailOf(change));
  if (typeof id === "object") return api.broken(id);
  return id === undefined ? accepted() : yield* act(id);
}

const noLeaving = rejected("leaving_unsubscribes", "to leave a list is to unsubscribe: on_leave: keep, or use a tag");

/** The contact is made when absent. What is kept is the id of its having the tag, by which the tag is taken off. */
function* tag(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  if (change.op === "remove") return yield* untag(ctx, change);
  const made = written(yield* api.post(ctx, "contact/sync", { contact: contactOf(change, "single") }), "contact");
  if (made.status !== "accepted") return made;
  const contactTag = { contact: Number(made.remoteId), tag: Number(ctx.remote.id) };
  return written(yield* api.post(ctx, "contactTags", { contactTag }), "contactTag");
}

function* untag(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const known = remoteIdOf(change);
  if (known !== undefined) return yield* gone(api.del(ctx, `contactTags/${known}`));
  return yield* away(ctx, change, function* (contact) {
    const response = yield* api.get(ctx, `contacts/${contact}/contactTags`);
    if (!Array.isArray(response.body?.contactTags)) return api.broken(response);
    const had = response.body.contactTags.find((one: any) => String(one?.tag) === ctx.remote.id);
    return had === undefined ? accepted() : yield* gone(api.del(ctx, `contactTags/${had.id}`));
  });
}

/** Of exactly this name; tags, which have a description, only with our marker there (R43). */
const named = (what: "list" | "tag", query: string, more: Pick<NamedOptions<Config>, "create" | "idOf"> = {}) =>
  ensureNamed<Config>({
    what,
    api,
    *find(name, ctx) {
      const response = yield* api.get(ctx, `${what}s?${query}=${encodeURIComponent(name)}&limit=100`);
      const rows: readonly any[] | undefined = response.body?.[`${what}s`];
      if (!Array.isArray(rows)) return response;
      return rows.map(({ id, tag: label, ...row }) => ({ id: String(id), name: label, ...row }));
    },
    ...more,
  });

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: { first_name: words, last_name: words, phone: words },
  openFields: custom,
  // 250 contacts and some 400 kB an import (spec, bulk_import; facts B8), 5 requests a second (facts B8).
  limits: { rows: 250, bytes: 400_000, rate: { requests: 5, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "activecampaign",
  describe: "ActiveCampaign contacts, lists and tags.",
  docs: "https://developers.activecampaign.com/reference",
  config: settings,
  credentials: z.strictObject({ api_token: z.string().describe("API key of a user, under Settings, Developer.") }),
  guide: {
    credentials: "Settings, Developer: the API key of a user who may manage contacts, lists and tags.",
    refused: "A contact alone is refused in ActiveCampaign's words; imports name whom they refused, without a reason.",
    erasure: "Deleting the contact.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: { type: "header", header: "api-token", value: "{api_token}" },
  classify: (response) => (isThrottled(response) ? "throttled" : undefined),
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists?limit=1"), "reads lists");
  },
  objects: {
    contact: defineObject<Config, "email">({
      ...common,
      describe: "A contact, known by its e-mail",
      kind: "record",
      *deliver(batch, ctx) {
        if (batch.op === "remove")
          return yield* rowByRow(batch, (change) => away(ctx, change, (id) => gone(api.del(ctx, `contacts/${id}`))));
        const bulk = ctx.mode !== "update" && batch.op === "add" && batch.changes.length > ctx.config.single_imports;
        return yield* bulk ? importAll(batch, ctx, {}) : rowByRow(batch, (change) => writeContact(ctx, change));
      },
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being subscribed to a list, unless one has unsubscribed; nobody is ever taken out (on_leave: keep)",
      kind: "membership",
      ops: ["add", "update"],
      // Lists are made by people, who word the reminder of why one is on it.
      ensure: named("list", "filters[name]"),
      *deliver(batch, ctx) {
        if (batch.op === "remove") return all(batch, noLeaving);
        return yield* importAll(batch, ctx, { subscribe: [{ listid: ctx.remote.id }] });
      },
    }),
    tag: defineObject<Config, "email">({
      ...common,
      describe: "Having a tag; the contact is made when absent",
      kind: "membership",
      ensure: named("tag", "search", {
        create: (name, ctx, marker) =>
          api.post(ctx, "tags", { tag: { tag: name, tagType: "contact", description: `Kept by millrace ${marker}` } }),
        idOf: ({ body }) => body?.tag?.id,
      }),
      deliver: (batch, ctx) => rowByRow(batch, (change) => tag(ctx, change)),
    }),
  },
});
