/**
 * Zendesk: users and organizations. Users go up to 100 in a job that is polled to its verdicts; where Zendesk has not enabled
 * bulk imports for the account (HTTP 403) they go one by one. Nobody is sent a verification e-mail.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, byIndex, defineDestination, defineObject, email } from "millrace/destination";
import { externalId, jsonApi, list, networkSettings, number, only, rejected, remoteIdOf } from "millrace/destination";
import { rowByRow, runJob, skipped, text, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9-]+$/i, "what stands before .zendesk.com")
    .describe("Of SUBDOMAIN.zendesk.com."),
  bulk_users: z.boolean().default(true).describe("Write users as jobs, where Zendesk Support has enabled it."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

const api = jsonApi<Config>({
  base: ({ subdomain }) => `https://${subdomain}.zendesk.com/api/v2`,
  fault({ body }) {
    const { error, description, details } = body ?? {};
    // `details` of a refused record: { field: [{ description }] }.
    const [detail] = Object.values<any>(details ?? {}).flat();
    if (typeof error === "string") return { code: error, message: detail?.description ?? description ?? error };
    return typeof error?.title === "string" ? { code: error.title, message: error.message ?? error.title } : undefined;
  },
});

/** Users or organizations. */
interface Kind {
  readonly one: "user" | "organization";
  /** Of Zendesk's own; all others are custom fields, by their keys. */
  readonly fields: Readonly<Record<string, Field>>;
}

function bodyOf({ one, fields: own }: Kind, { identifiers, fields }: Change): Record<string, Json> {
  const body: Record<string, Json> = { ...identifiers, ...(one === "user" ? { skip_verify_email: true } : {}) };
  const custom: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) (Object.hasOwn(own, name) ? body : custom)[name] = value;
  return Object.keys(custom).length === 0 ? body : { ...body, [`${one}_fields`]: custom };
}

const isAbsent = ({ status, body }: HttpResponse): boolean => status === 404 && body?.error === "RecordNotFound";

/** The fate of one record, by the record that Zendesk gives back. */
function written({ one }: Kind, response: HttpResponse): Outcome {
  const id = response.body?.[one]?.id;
  return typeof id === "number" && response.status < 300 ? accepted(String(id)) : api.broken(response);
}

function* upsert(ctx: Place, kind: Kind, change: Change): Exchange<Outcome> {
  return written(kind, yield* api.post(ctx, `${kind.one}s/create_or_update`, { [kind.one]: bodyOf(kind, change) }));
}

/** Changes a record that exists; undefined where it does not. */
function* update(ctx: Place, kind: Kind, change: Change, id: string): Exchange<Outcome | undefined> {
  const response = yield* api.put(ctx, `${kind.one}s/${id}`, { [kind.one]: bodyOf(kind, change) });
  if (isAbsent(response)) return undefined;
  const outcome = written(kind, response);
  const { email: address = null } = change.identifiers;
  const isFirst = address === null || response.body?.[kind.one]?.email === address;
  return outcome.status !== "accepted" || isFirst ? outcome : yield* makePrimary(ctx, id, address);
}

/** An e-mail of an update is only added to the others of the user: it has to be made the first one. */
function* makePrimary(ctx: Place, user: string, address: string): Exchange<Outcome> {
  const found = yield* api.get(ctx, `users/${user}/identities`);
  const identities = found.body?.identities;
  if (!Array.isArray(identities)) return api.broken(found);
  const mine = identities.find(({ type, value }: any) => type === "email" && String(value).toLowerCase() === address);
  if (typeof mine?.id !== "number") return unknown("broken answer: the new e-mail is none of the user's");
  const response = yield* api.put(ctx, `users/${user}/identities/${mine.id}/make_primary`);
  return Array.isArray(response.body?.identities) ? accepted(user) : api.broken(response);
}

type Act = (id: string) => Exchange<Outcome | undefined>;

/** What is done to a record that exists, found by the ledger's id, by external id in any case (spec), else by e-mail. */
function* ifThere(ctx: Place, kind: Kind, change: Change, absent: Outcome, act: Act): Exchange<Outcome> {
  const known = remoteIdOf(change);
  if (known !== undefined) return (yield* act(known)) ?? absent;
  const { external_id: own, email: address = "" } = change.identifiers;
  const by = own === undefined ? "email" : "external_id";
  const value = own?.toLowerCase() ?? address;
  const path = own === undefined ? "search?query=email:" : "show_many?external_ids=";
  const response = yield* api.get(ctx, `${kind.one}s/${path}${encodeURIComponent(value)}`);
  const records = response.body?.[`${kind.one}s`];
  if (!Array.isArray(records)) return api.broken(response);
  const found = records.find((record) => String(record?.[by]).toLowerCase() === value);
  return (found === undefined ? undefined : yield* act(String(found.id))) ?? absent;
}

/** Users as a job: `results` stand in the order of the users, and the `id` of a failed one is no user's. */
function* job(batch: Batch, ctx: Context<Config>, kind: Kind): Exchange<readonly Outcome[]> {
  let forbidden = false;
  const ended = yield* runJob<string, readonly Outcome[]>(ctx, {
    *start() {
      const users = batch.changes.map((change) => bodyOf(kind, change));
      const response = yield* api.post(ctx, "users/create_or_update_many", { users });
      const id = response.body?.job_status?.id;
      if (typeof id === "string") return { job: id };
      forbidden = response.status === 403;
      return { outcome: forbidden ? unknown("jobs are not enabled") : api.broken(response) };
    },
    *poll(id, afterMs) {
      const response = yield* api.get(ctx, `job_statuses/${id}`, { afterMs });
      if (isAbsent(response)) return "forgotten";
      const { status, results } = response.body?.job_status ?? {};
      if (status === "queued" || status === "working") return undefined;
      if (status === "completed") return byIndex(batch, results, verdict);
      return all(batch, typeof status === "string" ? unknown(`job ${status}`) : api.broken(response));
    },
  });
  if (forbidden) return yield* rowByRow(batch, (change) => upsert(ctx, kind, change));
  return "outcome" in ended ? all(batch, ended.outcome) : ended.result;
}

function verdict({ id, status, error, details }: any): Outcome | undefined {
  if (status === "Failed" || error !== undefined)
    return rejected(String(error ?? "Failed"), String(details ?? "refused"));
  return (status === "Created" || status === "Updated") && typeof id === "number" ? accepted(String(id)) : undefined;
}

function* write(batch: Batch, ctx: Context<Config>, kind: Kind): Exchange<readonly Outcome[]> {
  if (ctx.mode === "update")
    return yield* rowByRow(batch, (change) =>
      ifThere(ctx, kind, change, skipped("not_found"), (id) => update(ctx, kind, change, id)),
    );
  // Known by its id, a record takes changed identifiers in place.
  const moved = new Map<Change, Outcome>();
  for (const change of batch.changes) {
    const id = remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
    const outcome = id === undefined ? undefined : yield* update(ctx, kind, change, id);
    if (outcome !== undefined) moved.set(change, outcome);
  }
  const one = (change: Change): Exchange<Outcome> => upsert(ctx, kind, change);
  return yield* only(
    batch,
    (change) => moved.get(change),
    (rest) => (kind.one === "user" && ctx.config.bulk_users ? job(rest, ctx, kind) : rowByRow(rest, one)),
  );
}

const remove = (batch: Batch, ctx: Context<Config>, kind: Kind): Exchange<readonly Outcome[]> =>
  rowByRow(batch, (change) =>
    ifThere(ctx, kind, change, accepted(), function* (id) {
      const response = yield* api.del(ctx, `${kind.one}s/${id}`);
      if (isAbsent(response)) return undefined;
      return response.status === 204 ? accepted() : written(kind, response);
    }),
  );

const recordOf = (kind: Kind) =>
  ({
    kind: "record",
    ops: ["add", "update", "remove"],
    delivery: "set",
    fields: kind.fields,
    openFields: anyValue({ describe: `Custom field of the ${kind.one}, by its key` }),
    // 100 users a job (spec, create_or_update_many); 200 requests a minute on the smallest plan (facts C7).
    limits: { rows: 100, rate: { requests: 200, perSeconds: 60 } },
    identify: "any",
    deliver: (batch: Batch, ctx: Context<Config>) =>
      batch.op === "remove" ? remove(batch, ctx, kind) : write(batch, ctx, kind),
  }) as const;

const common = { name: text(), details: text(), notes: text(), tags: list() };
const id = number({ integer: true });
const user: Kind = {
  one: "user",
  fields: { ...common, phone: text(), alias: text(), locale: text(), time_zone: text(), organization_id: id },
};
const organization: Kind = { one: "organization", fields: { ...common, domain_names: list(), group_id: id } };

export default defineDestination<Config>({
  name: "zendesk",
  describe: "Zendesk users and organizations.",
  docs: "https://developer.zendesk.com/api-reference/ticketing/users/users/",
  config: settings,
  credentials: z.strictObject({
    email: z.string().optional().describe("E-mail of an administrator, with api_token."),
    api_token: z.string().optional().describe("API token of the account."),
    access_token: z.string().optional().describe("Instead of both: an OAuth token with the scopes read and write."),
  }),
  guide: {
    credentials:
      "Admin Center, Apps and integrations, Zendesk API: add an API token and use it with an administrator's e-mail, or make an OAuth client. Jobs of many users must be enabled by Zendesk Support.",
    refused: "Jobs and single calls answer user by user: a refused one has Zendesk's error and words.",
    erasure: "Deleting the user, and then deleting it permanently (DELETE /api/v2/deleted_users/ID).",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: {
    type: "custom",
    headers({ email: address, api_token: secret, access_token: bearer }) {
      const basic = Buffer.from(`${String(address)}/token:${String(secret)}`).toString("base64");
      return { authorization: typeof bearer === "string" ? `Bearer ${bearer}` : `Basic ${basic}` };
    },
  },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "users?page[size]=1"), "reads users");
  },
  objects: {
    user: defineObject<Config, "email" | "external_id">({
      ...recordOf(user),
      describe: "A user, known by e-mail or external id",
      identifiers: { email: email(), external_id: externalId() },
    }),
    organization: defineObject<Config, "external_id">({
      ...recordOf(organization),
      describe: "An organization, known by its external id",
      identifiers: { external_id: externalId() },
    }),
  },
});
