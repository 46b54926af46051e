/**
 * SendGrid Marketing: contacts, and being in a list. Everything is a job: a 202 only says that it was queued, so jobs are
 * polled to their end. Leaving a list only leaves the list; suppressions and unsubscribe groups are never touched.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineDestination, defineObject, downloadSettings } from "millrace/destination";
import { email, ensureNamed, idsInChunks, inCalls, jsonApi, list, networkSettings } from "millrace/destination";
import { number, only, paged, refusingJob, rejected, skipped, stop, text, timestamp } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  region: z.enum(["global", "eu"]).default("global").describe("Where the account's data is kept."),
  ...networkSettings,
  ...downloadSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

const api = jsonApi<Config>({
  // The address of the EU is unverified (facts B6).
  base: ({ region }) => `https://api.${region === "eu" ? "eu." : ""}sendgrid.com/v3`,
  fault({ body }) {
    const { field, message } = (Array.isArray(body?.errors) ? body.errors[0] : undefined) ?? {};
    return typeof message === "string" ? { message: field ? `${field}: ${message}` : message } : undefined;
  },
});

const upTo = (max: number, ...names: string[]) => Object.fromEntries(names.map((name) => [name, text({ max })]));
/** SendGrid's own fields and how long they may be (spec, contact-request). */
const fields: Readonly<Record<string, Field>> = {
  ...upTo(50, "first_name", "last_name", "state_province_region", "country"),
  ...upTo(60, "city"),
  ...upTo(100, "address_line_1", "address_line_2"),
  postal_code: text(),
  alternate_emails: list(),
};

const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";

type Custom = ReadonlyMap<string, { readonly id: string; readonly type: Field }>;
const types: Readonly<Record<string, Field>> = { Number: number(), Date: timestamp() };

/** The account's custom fields by name, asked for where a row has one: values travel by the fields' ids. */
function* customFields(ctx: Place, changes: readonly Change[]): Exchange<Custom | HttpResponse> {
  const names = new Set(changes.flatMap((change) => Object.keys(change.fields)));
  for (const name of Object.keys(fields)) names.delete(name);
  if (names.size === 0) return new Map();
  const response = yield* api.get(ctx, "marketing/field_definitions");
  if (!Array.isArray(response.body?.custom_fields)) return response;
  const known: Custom = new Map(
    response.body.custom_fields.map((one: any) => [one.name, { id: one.id, type: types[one.field_type] ?? text() }]),
  );
  const missing = [...names].filter((name) => !known.has(name));
  if (missing.length === 0) return known;
  return stop("target", `SendGrid has no custom field ${missing.join(", ")}`, "make it under Marketing, Custom Fields");
}

/** Why SendGrid would refuse a row for a custom field. */
function misfit(change: Change, custom: Custom): Outcome | undefined {
  for (const [name, value] of Object.entries(change.fields)) {
    const sent = custom.get(name)?.type.encode(value);
    if (sent !== undefined && "reject" in sent) return rejected("custom_field", `${name}: ${sent.reject}`);
  }
  return undefined;
}

/** A contact as it travels. Its own fields are emptied by "", custom ones by null (both unverified). */
function contactOf(change: Change, custom: Custom): object {
  const own: Record<string, Json> = {};
  const others: Record<string, Json> = {};
  for (const [name, value] of Object.entries(change.fields)) {
    const field = custom.get(name);
    if (field === undefined) own[name] = value ?? "";
    else others[field.id] = { value: null, ...field.type.encode(value) }.value;
  }
  return { email: emailOf(change), ...own, ...(Object.keys(others).length === 0 ? {} : { custom_fields: others }) };
}

/**
 * E-mail -> contact id, 100 addresses a search (spec); HTTP 404 where none of them is a contact. A contact that has the
 * address among its others only is somebody else's.
 */
const idsOf = (ctx: Place, changes: readonly Change[]): Exchange<Map<string, string> | HttpResponse> =>
  idsInChunks(
    changes.map(emailOf),
    100,
    (emails) => api.post(ctx, "marketing/contacts/search/emails", { emails }, { harmless: true }),
    ({ status, body }) => {
      if (status === 404) return [];
      if (typeof body?.result !== "object" || body.result === null) return undefined;
      const contacts = Object.values<any>(body.result).flatMap((one) => one?.contact ?? []);
      return contacts.map(({ email: address, id }) => [String(address).toLowerCase(), String(id)]);
    },
  );

/** A job to its end; whom it refused stands in a file, whose columns are unverified. */
const jobDone = (batch: Batch, ctx: Place & { checkpoint?: Json }, start: () => Exchange<HttpResponse>) =>
  refusingJob<string>(batch, ctx, {
    *start() {
      const response = yield* start();
      const { job_id: job } = response.body ?? {};
      return response.status === 202 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `marketing/contacts/imports/${job}`, { afterMs });
      const { status, results } = response.body ?? {};
      if (response.status === 404) return "forgotten";
      if (status === "pending") return undefined;
      if (status === "completed") return accepted();
      if (status !== "errored" && status !== "failed") return api.broken(response);
      const code = `job_${status}`;
      const files = { [code]: results?.errors_url };
      const count = status === "failed" ? "all" : Number(results?.errored_count);
      return { by: "email", files, count, code, words: "SendGrid refused contacts of this job" };
    },
  });

function* write(batch: Batch, ctx: Context<Config>, lists: readonly string[]): Exchange<readonly Outcome[]> {
  const custom = yield* customFields(ctx, batch.changes);
  if ("status" in custom) return all(batch, api.broken(custom));
  const known = ctx.mode === "update" ? yield* idsOf(ctx, batch.changes) : undefined;
  if (known !== undefined && !(known instanceof Map)) return all(batch, api.broken(known));
  return yield* only(
    batch,
    (change) => (known?.has(emailOf(change)) === false ? skipped("not_found") : misfit(change, custom)),
    function* (rest) {
      // One contact an address: the last row speaks for it.
      const contacts = new Map(rest.changes.map((change) => [emailOf(change), contactOf(change, custom)]));
      const body = { ...(lists.length === 0 ? {} : { list_ids: lists }), contacts: [...contacts.values()] };
      return yield* jobDone(rest, ctx, () => api.put(ctx, "marketing/contacts", body));
    },
  );
}

/** Takes contacts away by their ids, found by e-mail, 100 at a time; who is no contact is away already. */
const takeAway = (batch: Batch, ctx: Context<Config>, take: typeof leave): Exchange<readonly Outcome[]> =>
  inCalls(batch, 100, function* (some) {
    const found = yield* idsOf(ctx, some.changes);
    if (!(found instanceof Map)) return all(some, api.broken(found));
    const ids = new Set(some.changes.flatMap((change) => found.get(emailOf(change)) ?? []));
    return ids.size === 0 ? all(some, accepted()) : yield* take(some, ctx, [...ids].join(","));
  });

const erase = (some: Batch, { config }: Context<Config>, ids: string): Exchange<readonly Outcome[]> =>
  jobDone(some, { config }, () => api.del({ config }, `marketing/contacts?ids=${ids}`));

/** Of the status of such a job SendGrid says nothing: its 202 is the last word. */
function* leave(some: Batch, ctx: Context<Config>, ids: string): Exchange<readonly Outcome[]> {
  const response = yield* api.del(ctx, `marketing/lists/${ctx.remote.id}/contacts?contact_ids=${ids}`);
  return all(some, typeof response.body?.job_id === "string" ? api.outcome(response) : api.broken(response));
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields,
  openFields: anyValue({ describe: "Custom field of the account, by its name" }),
  // 30,000 contacts or 6 MB a request (spec, PUT /marketing/contacts).
  limits: { rows: 30_000, bytes: 6_000_000, rate: { requests: 10, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "sendgrid",
  describe: "Twilio SendGrid Marketing: contacts and lists.",
  docs: "https://www.twilio.com/docs/sendgrid/api-reference/contacts",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key, SG.…: Marketing, full access.") }),
  guide: {
    credentials: "Settings, API Keys: make a key with restricted access to Marketing, full.",
    refused:
      "A job names the contacts it refused, and why, in a file (its hosts and columns are unverified). Where that cannot be read or names another number of them, the job is halved until they are alone.",
    erasure: "Deleting the contact, a job that is polled to its end; a former e-mail is a contact of its own.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  // Unverified. Uploads go to such a host (github.com/sendgrid/sendgrid-php/issues/1084); the EU's store is a guess.
  downloads: ["*.s3.us-west-2.amazonaws.com", "*.s3.eu-central-1.amazonaws.com", "*.s3.amazonaws.com"],
  auth: { type: "bearer", secret: "api_key" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "marketing/lists?page_size=1"), "reads lists");
  },
  objects: {
    contact: defineObject<Config, "email">({
      ...common,
      describe: "A contact, known by its e-mail",
      kind: "record",
      deliver: (batch, ctx) => (batch.op === "remove" ? takeAway(batch, ctx, erase) : write(batch, ctx, [])),
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being in a list; the contact is made when absent, consent is not touched",
      kind: "membership",
      // Lists have no description to mark: one of exactly this name is taken (R43). Names of 100 characters (spec).
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        longest: 100,
        find: (_name, ctx) =>
          paged(
            (next) => api.get(ctx, `marketing/lists?page_size=1000${next === undefined ? "" : `&page_token=${next}`}`),
            ({ body }) => body?.result,
            ({ body }) => new URL(body._metadata?.next ?? "x:").searchParams.get("page_token") ?? undefined,
          ),
        create: (name, ctx) => api.post(ctx, "marketing/lists", { name }),
        idOf: ({ body }) => body?.id,
      }),
      deliver: (batch, ctx) =>
        batch.op === "remove" ? takeAway(batch, ctx, leave) : write(batch, ctx, [ctx.remote.id]),
      *measure(ctx) {
        const people = (yield* api.get(ctx, `marketing/lists/${ctx.remote.id}/contacts/count`)).body?.contact_count;
        return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
      },
    }),
  },
});
