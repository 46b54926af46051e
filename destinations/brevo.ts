/**
 * Brevo: contacts, and being in a list. Small deltas go contact by contact, larger ones as an import that is polled to its
 * end. Leaving a list only leaves the list: the blocklists of e-mail and SMS are never written.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json } from "millrace/destination";
import type { NamedRefusals, Outcome } from "millrace/destination";
import { accepted, all, chunks, defineDestination, defineObject, downloadSettings } from "millrace/destination";
import { email, ensureNamed, jsonApi, networkSettings, pagedByOffset, refusingJob } from "millrace/destination";
import { rowByRow, skipped, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  single_imports: z
    .int()
    .min(0)
    .default(100)
    .describe("Batches up to this size go contact by contact, larger ones as an import."),
  import_list: z
    .int()
    .positive()
    .optional()
    .describe(
      "Id of a list that new contacts may be imported into: Brevo imports into lists only; absent: no imports.",
    ),
  folder: z.int().positive().default(1).describe("Id of the folder where lists are made."),
  ...networkSettings,
  ...downloadSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

const api = jsonApi<Config>({
  base: () => "https://api.brevo.com/v3",
  fault: ({ body }) => (typeof body?.code === "string" ? { code: body.code, message: body.message } : undefined),
});

/** Scalars and lists of texts as they are; "" empties an attribute. */
const attribute: Field = {
  describe: "Attribute that the account has; its name goes in capitals",
  encode: (value) => ({ value: typeof value === "object" && value !== null ? compound(value) : value }),
};
const compound = (value: object): Json => (Array.isArray(value) ? value.map(String) : JSON.stringify(value));
const attributesOf = ({ fields }: Change): Record<string, Json> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toUpperCase(), value ?? ""]));

const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
/** The e-mail that a record was sent with before it got another. */
const formerOf = (change: Change): string | undefined =>
  change.before?.ids.find(({ value }) => value !== emailOf(change))?.value;
const isAbsent = ({ status, body }: HttpResponse): boolean => status === 404 && body?.code === "document_not_found";
const pathOf = (address: string): string => `contacts/${encodeURIComponent(address)}?identifierType=email_id`;

function* upsert(ctx: Place, change: Change, listIds: readonly number[]): Exchange<Outcome> {
  const lists = listIds.length === 0 ? {} : { listIds };
  const body = { email: emailOf(change), attributes: attributesOf(change), ...lists, updateEnabled: true };
  const response = yield* api.post(ctx, "contacts", body);
  const done = response.status === 204 || (response.status === 201 && typeof response.body?.id === "number");
  return done ? accepted() : api.broken(response);
}

/** Changes the contact at an address, which may be its former one; undefined where there is none. */
function* update(ctx: Place, change: Change, address: string): Exchange<Outcome | undefined> {
  const moved = address === emailOf(change) ? {} : { EMAIL: emailOf(change) };
  const response = yield* api.put(ctx, pathOf(address), { attributes: { ...attributesOf(change), ...moved } });
  if (isAbsent(response)) return undefined;
  return response.status === 204 ? accepted() : api.broken(response);
}

/** A record: a changed e-mail changes the contact in place, which memberships may not (R10). */
function* writeContact(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  if (ctx.mode === "update") return (yield* update(ctx, change, emailOf(change))) ?? skipped("not_found");
  const former = formerOf(change);
  const moved = former === undefined ? undefined : yield* update(ctx, change, former);
  return moved ?? (yield* upsert(ctx, change, []));
}

function* eraseContact(ctx: Place, change: Change): Exchange<Outcome> {
  const response = yield* api.del(ctx, pathOf(emailOf(change)));
  return response.status === 204 || isAbsent(response) ? accepted() : api.broken(response);
}

function* deliverContacts(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { single_imports: most, import_list: list } = ctx.config;
  if (batch.op === "remove") return yield* rowByRow(batch, (change) => eraseContact(ctx, change));
  // Backfills: an update may have to change an e-mail in place, which no import can.
  if (batch.op === "add" && list !== undefined && batch.changes.length > most)
    return yield* importAll(batch, ctx, list);
  return yield* rowByRow(batch, (change) => writeContact(ctx, change));
}

/** An import into a list, to its end; one contact an address, the last row speaks for it. */
function* importAll(batch: Batch, ctx: Context<Config>, list: number): Exchange<readonly Outcome[]> {
  const rows = new Map(batch.changes.map((change) => [emailOf(change), attributesOf(change)]));
  return yield* refusingJob<number>(batch, ctx, {
    *start() {
      const response = yield* api.post(ctx, "contacts/import", {
        jsonBody: [...rows].map(([address, attributes]) => ({ email: address, attributes })),
        listIds: [list],
        updateExistingContacts: true,
        // Only where a NULL is there to empty something: each row names all attributes then.
        emptyContactsAttributes: batch.changes.some(({ fields }) => Object.values(fields).includes(null)),
        disableNotification: true,
      });
      const job = response.body?.processId;
      return response.status === 202 && typeof job === "number" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `processes/${job}`, { afterMs });
      return isAbsent(response) ? "forgotten" : verdict(response);
    },
  });
}

/** Brevo names those it refused in files, one for each kind of refusal, whose columns are unverified. */
function verdict(response: HttpResponse): Outcome | NamedRefusals | undefined {
  const { status, info } = response.body ?? {};
  if (["queued", "in_process", "processing"].includes(status)) return undefined;
  if (status !== "completed") return typeof status === "string" ? unknown(`import ${status}`) : api.broken(response);
  const files = info?.import ?? {};
  const refused = Object.values(files).some((file) => typeof file === "string" && file !== "");
  if (!refused) return accepted();
  return { by: "email", files, code: "import_refused_rows", words: "Brevo refused contacts of this import" };
}

/** Takes addresses out, 150 a call (facts B7, unverified); `failure` names those that are no members. */
function* leave(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  for (const emails of chunks([...new Set(batch.changes.map(emailOf))], 150)) {
    const response = yield* api.post(ctx, `contacts/lists/${ctx.remote.id}/contacts/remove`, { emails });
    const { success = [], failure = [] } = response.body?.contacts ?? {};
    // HTTP 400 where none is a member: "Contact already removed from list and/or does not exist".
    const none = response.status === 400 && /does not exist/.test(String(response.body?.message));
    if (!none && success.length + failure.length !== emails.length) return all(batch, api.broken(response));
  }
  return all(batch, accepted());
}

function* deliverList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return yield* leave(batch, ctx);
  const list = Number(ctx.remote.id);
  if (batch.changes.length > ctx.config.single_imports) return yield* importAll(batch, ctx, list);
  return yield* rowByRow(batch, (change) => upsert(ctx, change, [list]));
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: {},
  openFields: attribute,
  // 8 MB an import (facts B7); 10 requests a second (developers.brevo.com/docs/api-limits, unverified).
  limits: { rows: 5000, bytes: 8_000_000, rate: { requests: 10, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "brevo",
  describe: "Brevo contacts and lists.",
  docs: "https://developers.brevo.com/reference",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key of version 3, xkeysib-….") }),
  guide: {
    credentials:
      "SMTP & API, API keys: make a key of version 3; where the account restricts addresses, allow the runner's.",
    refused:
      "A contact alone is refused in Brevo's words; an import names those it refused in files, by kind (`invalid_emails`; hosts and columns are unverified). Where these cannot be read or understood, the import is halved until they are found. Attributes that the account does not have Brevo passes over without a word.",
    erasure: "Deleting the contact by its e-mail.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  // Unverified: its own names, and the store of its region.
  downloads: ["*.brevo.com", "*.sendinblue.com", "*.s3.eu-west-1.amazonaws.com", "*.s3.amazonaws.com"],
  auth: { type: "header", header: "api-key", value: "{api_key}" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "contacts/lists?limit=1&offset=0"), "reads lists");
  },
  objects: {
    contact: defineObject<Config, "email">({
      ...common,
      describe: "A contact, known by its e-mail",
      kind: "record",
      deliver: deliverContacts,
    }),
    list: defineObject<Config, "email">({
      ...common,
      describe: "Being in a list; the contact is made when absent, consent is not touched",
      kind: "membership",
      // Lists have no description to mark: one of exactly this name is taken (R43).
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        find: (_name, ctx) =>
          pagedByOffset(
            50,
            (offset) => api.get(ctx, `contacts/lists?limit=50&offset=${offset}&sort=asc`),
            ({ body }) => body?.lists?.map(({ id, name }: any) => ({ id: String(id), name })),
          ),
        create: (name, ctx) => api.post(ctx, "contacts/lists", { name, folderId: ctx.config.folder }),
        idOf: ({ body }) => body?.id,
      }),
      deliver: deliverList,
      *measure(ctx) {
        const people = (yield* api.get(ctx, `contacts/lists/${ctx.remote.id}`)).body?.uniqueSubscribers;
        return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
      },
    }),
  },
});
