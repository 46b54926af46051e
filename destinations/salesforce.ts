/**
 * Salesforce: records of any object, known by an external id that is the model's key. Small batches go as sObject collections,
 * 200 rows a call, large ones as a Bulk API 2.0 job that is polled to its end and joined back by the external id.
 */
import type { Batch, Change, Context, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, byIndex, byKey, chunks, csv, csvRows, deferred, defineDestination } from "millrace/destination";
import { defineObject, grantOf, inCalls, jsonApi, nested, networkSettings, only, rejected } from "millrace/destination";
import { runJob, skipped, stop, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  login_url: z
    .url({ protocol: /^https$/ })
    .default("https://login.salesforce.com")
    .describe("Where tokens come from: https://test.salesforce.com for sandboxes, or My Domain."),
  api_version: z
    .string()
    .regex(/^v\d+\.0$/)
    .default("v65.0")
    .describe("Version of the API."),
  bulk_from: z.int().min(1).default(2000).describe("Batches of so many rows or more go as a Bulk API job."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Ctx = Context<Config>;
const apiName = z.string().regex(/^\w+$/);

const api = jsonApi<Config>({
  session: true,
  base: ({ api_version, login_url }, { instance_url }) => `${instance_url ?? login_url}/services/data/${api_version}`,
  fault: ({ body }) => (body?.[0]?.errorCode ? { code: body[0].errorCode, message: body[0].message } : undefined),
  judge(_response, fault) {
    const { code = "", message = code } = fault ?? {};
    // Wrong in one row, wrong in all.
    if (/^INVALID_(FIELD|TYPE)$/.test(code)) return stop("target", message, "check the sync's mappings");
    return code === "REQUEST_LIMIT_EXCEEDED" ? deferred(message) : undefined;
  },
});

/** A lock held by others passes (facts C1). */
const refused = (code: string, message: string): Outcome =>
  code === "UNABLE_TO_LOCK_ROW" ? deferred(message) : rejected(code, message);

const settingOf = ({ remoteConfig }: Ctx, name: "sobject" | "external_id"): string => String(remoteConfig[name]);

function keyOf({ key }: Change): string {
  if (typeof key !== "object") return String(key);
  return stop("target", "the model's key has several columns, an external id is one field", "use a model with one key");
}

/** Salesforce ids of those of the changes that are there, 25 a call; the answer where it cannot be read. */
function* idsOf(changes: readonly Change[], ctx: Ctx): Exchange<Map<Change, string> | HttpResponse> {
  const found = new Map<Change, string>();
  const base = `${ctx.config.api_version}/sobjects/${settingOf(ctx, "sobject")}/${settingOf(ctx, "external_id")}`;
  for (const some of chunks(changes, 25)) {
    const urls = some.map((change) => `${base}/${encodeURIComponent(keyOf(change))}?fields=Id`);
    const batchRequests = urls.map((url) => ({ method: "GET", url }));
    const response = yield* api.post(ctx, "composite/batch", { batchRequests });
    if (response.body?.results?.length !== some.length) return response;
    for (const [index, { statusCode, result }] of response.body.results.entries()) {
      if (statusCode === 200) found.set(some[index]!, String(result.Id));
      // Several records of one external id (300) are this row's own trouble.
      else if (statusCode !== 404) return { ...response, status: Math.max(400, statusCode), body: result };
    }
  }
  return found;
}

/** One call: the fate of each row in order; of all, where it was refused as a whole. */
function* collection(batch: Batch, ctx: Ctx, ids: ReadonlyMap<Change, string>): Exchange<readonly Outcome[]> {
  const { op, changes } = batch;
  const [type, field] = [settingOf(ctx, "sobject"), settingOf(ctx, "external_id")];
  const idOf = (change: Change) => change.before?.remoteId ?? ids.get(change);
  const recordOf = (change: Change) => ({ attributes: { type }, ...nested(change.fields), [field]: keyOf(change) });
  const body = { allOrNone: false, records: changes.map(recordOf) };
  const response =
    op === "remove"
      ? yield* api.del(ctx, `composite/sobjects?ids=${changes.map(idOf).join()}&allOrNone=false`)
      : yield* api.patch(ctx, `composite/sobjects/${type}/${field}`, body);
  if (response.status !== 200) return all(batch, api.broken(response));
  return byIndex(batch, response.body, ({ success, id, errors }) => {
    if (success === true) return accepted(op === "remove" ? undefined : id);
    const { statusCode, message } = errors[0];
    if (op === "remove" && /^(ENTITY_IS_DELETED|INVALID_CROSS_REFERENCE_KEY)$/.test(statusCode)) return accepted();
    return refused(statusCode, message);
  });
}

/** Every column any row has: an empty cell keeps what is there, #N/A clears it (facts C1). */
function table(changes: readonly Change[], field: string): string {
  const columns = [...new Set(changes.flatMap(({ fields }) => Object.keys(fields)))].filter((name) => name !== field);
  const cell = (value: Json = ""): Json => value ?? "#N/A";
  const rows = changes.map((change) => [keyOf(change), ...columns.map((name) => cell(change.fields[name]))]);
  return csv([field, ...columns], rows);
}

/** A Bulk API job, to the fate of every row. */
function* load(batch: Batch, ctx: Ctx): Exchange<readonly Outcome[]> {
  const [object, field] = [settingOf(ctx, "sobject"), settingOf(ctx, "external_id")];
  const ended = yield* runJob<string, readonly [job: string, state: string, words: string]>(ctx, {
    *start() {
      const wanted = { object, operation: "upsert", externalIdFieldName: field, contentType: "CSV", lineEnding: "LF" };
      const made = yield* api.post(ctx, "jobs/ingest", wanted);
      const job = made.body?.id;
      if (typeof job !== "string") return { outcome: api.broken(made) };
      const headers = { "content-type": "text/csv" };
      const sent = yield* api.put(ctx, `jobs/ingest/${job}/batches`, table(batch.changes, field), { headers });
      if (sent.status !== 201) return { outcome: api.broken(sent) };
      const closed = yield* api.patch(ctx, `jobs/ingest/${job}`, { state: "UploadComplete" });
      return closed.body?.state === "UploadComplete" ? { job } : { outcome: api.broken(closed) };
    },
    *poll(job, afterMs) {
      const { status, body } = yield* api.get(ctx, `jobs/ingest/${job}`, { afterMs });
      const state = String(body?.state);
      if (status === 404) return "forgotten";
      return /^(UploadComplete|InProgress)$/.test(state) ? undefined : [job, state, body?.errorMessage ?? state];
    },
  });
  if ("outcome" in ended) return all(batch, ended.outcome);
  const [job, state, words] = ended.result;
  const found = /^(JobComplete|Failed|Aborted)$/.test(state) ? yield* results(ctx, job) : undefined;
  if (found === undefined) return all(batch, unknown(`the job ended as ${state}, without readable results`));
  // Of the rows in no list, those of a job that was cut off were not come to.
  const left = state === "Failed" ? rejected("job_failed", words) : state === "Aborted" ? deferred(words) : undefined;
  return byKey(batch, keyOf, found, left);
}

/** The fate of the rows of a job by their external id. */
function* results(ctx: Ctx, job: string): Exchange<ReadonlyMap<string, Outcome> | undefined> {
  const found = new Map<string, Outcome>();
  for (const kind of ["successfulResults", "failedResults"]) {
    const response = yield* api.get(ctx, `jobs/ingest/${job}/${kind}`, { headers: { accept: "text/csv" } });
    const rows = response.status === 200 ? csvRows(response.text) : undefined;
    if (rows === undefined) return undefined;
    for (const { sf__Id, sf__Error = "", [settingOf(ctx, "external_id")]: key = "" } of rows) {
      const [, code = "", words = ""] = /^(\w*):?(.*)$/s.exec(sf__Error) ?? [];
      found.set(key, kind === "failedResults" ? refused(code, words) : accepted(sf__Id));
    }
  }
  return found;
}

function* deliver(batch: Batch, ctx: Ctx): Exchange<readonly Outcome[]> {
  const removing = batch.op === "remove";
  const asked = batch.changes.filter(({ before }) => (removing ? !before?.remoteId : ctx.mode === "update"));
  const ids = yield* idsOf(asked, ctx);
  if (!(ids instanceof Map)) return all(batch, api.broken(ids));
  const missing = new Set(asked.filter((change) => !ids.has(change)));
  const fate = (change: Change) => (missing.has(change) ? (removing ? accepted() : skipped("not_found")) : undefined);
  return yield* only(batch, fate, (rest) => {
    if (!removing && rest.changes.length >= ctx.config.bulk_from) return load(rest, ctx);
    // 200 records a call (resources_composite_sobjects_collections).
    return inCalls(rest, 200, (part) => collection(part, ctx, ids));
  });
}

/** Lists are multi-select picklists. An empty text clears, in both ways alike. 32,000 characters (bulk_api_2_limits). */
const value: Field = {
  describe: "A field by its API name; dots for another record by its external id, as Account.Ext_Id__c",
  encode(given) {
    const sent = given === "" ? null : Array.isArray(given) ? given.join(";") : given;
    return String(sent).length > 32_000 ? { reject: "longer than 32,000 characters" } : { value: sent };
  },
};

export default defineDestination<Config>({
  name: "salesforce",
  describe: "Salesforce records of any object.",
  docs: "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm",
  guide: {
    credentials:
      "Make an external client app with the scopes api and refresh_token: a certificate and an approved user for the JWT flow, or the client credentials flow at your My Domain (login_url), or a refresh token.",
    refused: "Salesforce answers row by row, in jobs too: a refused row has its status code and words.",
    erasure: "Delete the record (`on_leave: delete`, mode remove), then empty the recycle bin (15 days).",
  },
  config: settings,
  credentials: z.strictObject({
    client_id: z.string().min(1).describe("Consumer key of the app."),
    client_secret: z.string().optional().describe("Consumer secret, for client credentials and refresh tokens."),
    username: z.string().optional().describe("With private_key: the user to act as."),
    private_key: z.string().optional().describe("PEM of the app's certificate, for the JWT flow."),
    refresh_token: z.string().optional().describe("Refresh token; without it and private_key: client credentials."),
  }),
  auth: {
    type: "oauth2",
    token({ credentials, config, now }) {
      const { origin } = new URL((config as Config).login_url);
      const { client_id, username } = credentials;
      // A JWT may last for three minutes (help.salesforce.com, OAuth 2.0 JWT Bearer Flow).
      const exp = Math.floor(now / 1000) + 180;
      const claims = { iss: String(client_id), sub: String(username), aud: origin, exp };
      return { url: `${origin}/services/oauth2/token`, form: grantOf(credentials, claims) };
    },
  },
  effects: ["http", "checkpoint"],
  classify: ({ body }) => (body?.[0]?.errorCode === "REQUEST_LIMIT_EXCEEDED" ? "throttled" : undefined),
  hosts: (config, session) => [...new Set([...api.hosts(config, session), new URL(config.login_url).hostname])],
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "limits"), "may use the API (permission API Enabled)");
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A record of an object; its external id is the model's key",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "key",
      identifiers: {},
      fields: {},
      openFields: value,
      remote: z.object({
        sobject: apiName.describe("API name of the object: Contact, Account, Visit__c."),
        external_id: apiName.describe("API name of its external id, a text field."),
      }),
      // Batches of 10,000 inside a job; below 100 MB an upload (bulk_api_2_limits).
      limits: { rows: 10_000, bytes: 50_000_000, concurrency: 2 },
      deliver,
    }),
  },
});
