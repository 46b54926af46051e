/**
 * Zoho CRM: records of any module, 100 a call, answered in order. A record is found by its unique fields; one whose unique
 * field changed is written by its id.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import {
  accepted,
  all,
  anyValue,
  byIndex,
  chunks,
  deferred,
  defineDestination,
  defineObject,
} from "millrace/destination";
import { email, exact, jsonApi, nested, networkSettings, oauthCredentials, only } from "millrace/destination";
import { refreshGrant, rejected, remoteIdOf, skipped, stop, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  accounts_url: z
    .url({ protocol: /^https$/ })
    .default("https://accounts.zoho.com")
    .describe("Where tokens come from, by data centre: https://accounts.zoho.eu, .in, .com.au, .jp …"),
  api_version: z
    .string()
    .regex(/^v\d+$/)
    .default("v8")
    .describe("Version of the API."),
  trigger: z
    .array(z.enum(["workflow", "approval", "blueprint"]))
    .default([])
    .describe("What our changes set off; default: nothing."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Ctx = Context<Config>;
type Ids = ReadonlyMap<Change, string>;

const forbidden = /^(NO_PERMISSION|OAUTH_SCOPE_MISMATCH|NOT_ALLOWED|AUTHORIZATION_FAILED)$/;
const busy = /^(LIMIT_EXCEEDED|TOO_MANY_REQUESTS|LIMIT_REACHED|RECORD_LOCKED)$/;

const api = jsonApi<Config>({
  session: true,
  base: ({ api_version }, { api_domain = "https://www.zohoapis.com" }) => `${api_domain}/crm/${api_version}`,
  fault: ({ body }) => (body?.status === "error" ? { code: body.code, message: body.message } : undefined),
  judge(_response, fault) {
    const { code = "", message = code } = fault ?? {};
    if (forbidden.test(code)) return stop("permission", message, "the token needs ZohoCRM.modules.ALL");
    if (code === "INVALID_MODULE") return stop("target", message, "set remote: { module } to its API name");
    return busy.test(code) ? deferred(message) : undefined;
  },
});

const moduleOf = ({ remoteConfig }: Ctx): string => String(remoteConfig["module"]);
const recordOf = ({ fields, identifiers }: Change) => ({ ...nested(fields), ...identifiers });

/**
 * The fate of each record. Answers by record come with 200, 207 and, where all are refused, 400. `gone`: of a record whose id
 * is none (any more).
 */
function verdicts(batch: Batch, response: HttpResponse, gone?: Outcome): readonly Outcome[] {
  if (!Array.isArray(response.body?.data)) return all(batch, api.broken(response));
  return byIndex(batch, response.body.data, ({ status, code, message, details }) => {
    if (status === "success") return accepted(batch.op === "remove" ? undefined : details.id);
    const field = details?.api_name ?? "id";
    if (code === "INVALID_DATA" && field === "id" && gone !== undefined) return gone;
    if (busy.test(code)) return deferred(message);
    if (code === "INTERNAL_ERROR") return unknown(message);
    // "required field not found" does not say which.
    return typeof code === "string" ? rejected(code, field === "id" ? message : `${message}: ${field}`) : undefined;
  });
}

/** What a record is found by. */
const matchOf = ({ identifiers }: Change): readonly [field: string, value: string] =>
  Object.entries(identifiers)[0] ?? ["", ""];

/** Ids of the changes that are at Zoho, by their unique fields; the answer where it cannot be read. */
function* find(changes: readonly Change[], ctx: Ctx): Exchange<Ids | HttpResponse> {
  const found = new Map<Change, string>();
  // Ten criteria a search (zoho.com/deluge/help/crm/search-records-V8.html); brackets, commas and backslashes are escaped.
  for (const some of chunks(changes, 10)) {
    const pairs = some.map(matchOf);
    const criteria = pairs.map(([field, value]) => `(${field}:equals:${value.replaceAll(/[(),\\]/g, "\\$&")})`);
    const fields = [...new Set(pairs.map(([field]) => field))].join();
    const query = `criteria=${encodeURIComponent(`(${criteria.join("or")})`)}&fields=${fields}`;
    const response = yield* api.get(ctx, `${moduleOf(ctx)}/search?${query}`);
    // Nothing found is 204 without a body.
    const records = response.status === 204 ? [] : response.body?.data;
    if (!Array.isArray(records)) return response;
    for (const [index, [field, value]] of pairs.entries()) {
      const record = records.find((each) => String(each?.[field]).toLowerCase() === value.toLowerCase());
      if (typeof record?.id === "string") found.set(some[index]!, record.id);
    }
  }
  return found;
}

function* update(batch: Batch, ctx: Ctx, ids: Ids): Exchange<readonly Outcome[]> {
  const data = batch.changes.map((change) => ({ ...recordOf(change), id: change.before?.remoteId ?? ids.get(change) }));
  const response = yield* api.put(ctx, moduleOf(ctx), { data, trigger: ctx.config.trigger });
  return verdicts(batch, response, skipped("not_found"));
}

function* upsert(batch: Batch, ctx: Ctx): Exchange<readonly Outcome[]> {
  const duplicate_check_fields = [...new Set(batch.changes.flatMap(({ identifiers }) => Object.keys(identifiers)))];
  const body = { data: batch.changes.map(recordOf), duplicate_check_fields, trigger: ctx.config.trigger };
  return verdicts(batch, yield* api.post(ctx, `${moduleOf(ctx)}/upsert`, body));
}

/** By id what must not be made, or changed its unique field (R10); what is gone there is made anew. The others by upsert. */
function* write(batch: Batch, ctx: Ctx, ids: Ids): Exchange<readonly Outcome[]> {
  const updating = ctx.mode === "update";
  const known = batch.changes.filter(
    (change) => (updating || remoteIdOf(change) === undefined) && (change.before?.remoteId ?? ids.get(change)),
  );
  const settled = new Map<Change, Outcome>();
  if (updating) for (const change of batch.changes) settled.set(change, skipped("not_found"));
  const updated = known.length === 0 ? [] : yield* update({ ...batch, changes: known }, ctx, ids);
  for (const [index, change] of known.entries()) {
    const outcome = updated[index]!;
    if (updating || outcome.status !== "skipped") settled.set(change, outcome);
  }
  return yield* only(
    batch,
    (change) => settled.get(change),
    (rest) => upsert(rest, ctx),
  );
}

function* remove(batch: Batch, ctx: Ctx, ids: Ids): Exchange<readonly Outcome[]> {
  const idOf = (change: Change): string | undefined => remoteIdOf(change) ?? ids.get(change);
  const absent = (change: Change) => (idOf(change) === undefined ? accepted() : undefined);
  return yield* only(batch, absent, function* (rest) {
    const wanted = `ids=${rest.changes.map(idOf).join()}&wf_trigger=${ctx.config.trigger.includes("workflow")}`;
    return verdicts(rest, yield* api.del(ctx, `${moduleOf(ctx)}?${wanted}`), accepted());
  });
}

function* deliver(batch: Batch, ctx: Ctx): Exchange<readonly Outcome[]> {
  const removing = batch.op === "remove";
  const asked = batch.changes.filter((change) =>
    removing ? remoteIdOf(change) === undefined : ctx.mode === "update" && change.before?.remoteId === undefined,
  );
  const ids = yield* find(asked, ctx);
  if (!(ids instanceof Map)) return all(batch, api.broken(ids as HttpResponse));
  return yield* (removing ? remove : write)(batch, ctx, ids);
}

export default defineDestination<Config>({
  name: "zoho",
  describe: "Zoho CRM records of any module.",
  docs: "https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html",
  guide: {
    credentials:
      "Register a self client in the API console of your data centre, with the scopes ZohoCRM.modules.ALL and ZohoSearch.securesearch.READ, and exchange its code for a refresh token.",
    refused: "Zoho answers record by record: a refused row has its code, words and the field's API name.",
    erasure: "Delete the record (`on_leave: delete`, mode remove), then empty the recycle bin (60 days).",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: {
    type: "oauth2",
    token({ credentials, config }) {
      const { origin } = new URL((config as Config).accounts_url);
      const { refresh_token } = credentials;
      return refresh_token ? { url: `${origin}/oauth/v2/token`, form: refreshGrant(credentials) } : null;
    },
    headers: (token) => ({ authorization: `Zoho-oauthtoken ${token}` }),
  },
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), new URL(config.accounts_url).hostname],
  // A missing scope comes as 401, which no new token mends.
  classify: ({ body }) => (forbidden.test(body?.code) ? "reject" : busy.test(body?.code) ? "throttled" : undefined),
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "Contacts?fields=id&per_page=1"), "reads contacts");
  },
  objects: {
    record: defineObject<Config, "Email">({
      describe: "A record of a module, found by its unique fields",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "any",
      identifiers: { Email: email() },
      openIdentifiers: exact("Another unique field, by its API name"),
      fields: {},
      openFields: anyValue({ describe: "A field by its API name; dots for parts, as Account_Name.id" }),
      remote: z.object({
        module: z.string().regex(/^\w+$/).describe("API name of the module: Contacts, Leads, Accounts, or your own."),
      }),
      // 100 records a call (facts C5); calls side by side are limited by edition.
      limits: { rows: 100, concurrency: 4 },
      deliver,
    }),
  },
});
