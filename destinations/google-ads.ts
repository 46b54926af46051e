/**
 * Google Customer Match by the Google Ads API: jobs of operations, one person each, that run for hours. Google lets in only
 * developer tokens that used it before April 2026; everybody else takes `google`. One job at a time works on a list.
 * `removeAll` is not used: the ledger knows exactly who has to leave.
 */
import type { Batch, Change, Context, Effect, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { accepted, chunks, consentOf, customerMatch, defineDestination, defineObject } from "millrace/destination";
import { deferred, ensureNamed, matchAddress, matchRateOf, networkSettings, numberFrom } from "millrace/destination";
import { rowsJob, rpcApi, rpcStatus, serviceAccountCredentials, signedIn, unknown } from "millrace/destination";
import { violatedRows } from "millrace/destination";
import { z } from "zod";

const scope = "https://www.googleapis.com/auth/adwords";
const customerId = z.string().regex(/^\d+$/, "a customer id is digits, without dashes");

const settings = z.strictObject({
  customer: customerId.describe("Id of the Google Ads account that the lists belong to."),
  login_customer: customerId.optional().describe("Id of the manager account through which the credentials reach it."),
  api_version: z.string().default("v25").describe("Version of the Google Ads API; each ends after about a year."),
  ...customerMatch.settings,
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

const api = rpcApi<Config>({
  base: ({ api_version, customer }) => `https://googleads.googleapis.com/${api_version}/customers/${customer}`,
  headers: ({ login_customer: login }): Record<string, string> =>
    login === undefined ? {} : { "login-customer-id": login },
  unmended: {
    // developers.google.com/ads/blog/posts/2026/03/changes-to-customer-match-support-in
    CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE:
      "Google takes no new developer tokens for Customer Match here: make a destination of type google (Data Manager API)",
    ACCESS_TOKEN_SCOPE_INSUFFICIENT: `the credentials need the scope ${scope}`,
    USER_PERMISSION_DENIED: "give the credentials access to the account, or name its manager in login_customer",
    INCOMPATIBLE_UPLOAD_KEY_TYPE: "the list is not one of contacts, and stays so: name another in remote: { name }",
  },
  gone: [],
});

/** Rows of a GAQL query; the answer itself where it cannot be read. Without any row the key is left out. */
function* search(ctx: Place, query: string, afterMs = 0): Exchange<readonly any[] | HttpResponse> {
  const response = yield* api.post(ctx, "googleAds:search", { query }, { harmless: true, afterMs });
  const { status, body } = response;
  const rows = status === 200 && body && !Array.isArray(body) ? (body.results ?? []) : undefined;
  return Array.isArray(rows) ? rows : response;
}

const isAnswer = (found: readonly unknown[] | HttpResponse): found is HttpResponse => !Array.isArray(found);
const listOf = ({ config, remote }: Context<Config>): string => `customers/${config.customer}/userLists/${remote.id}`;

/** One person an operation. */
function operationOf({ op, identifiers: { email, phone }, fields }: Change): object {
  const address = matchAddress(fields);
  const userIdentifiers: object[] = [];
  if (email !== undefined) userIdentifiers.push({ hashedEmail: email });
  if (phone !== undefined) userIdentifiers.push({ hashedPhoneNumber: phone });
  if (address !== undefined) {
    const { givenName: hashedFirstName, familyName: hashedLastName, regionCode: countryCode, postalCode } = address;
    userIdentifiers.push({ addressInfo: { hashedFirstName, hashedLastName, countryCode, postalCode } });
  }
  return { [op === "remove" ? "remove" : "create"]: { userIdentifiers } };
}

type Begun = { readonly job?: string; readonly refused: ReadonlyMap<number, Outcome> } | { readonly outcome: Outcome };

/** Makes a job, fills and runs it; rows whose operations are refused are not in it. */
function* begin(batch: Batch, ctx: Context<Config>): Exchange<Begun> {
  // Jobs that were made and never run stay PENDING, and work on nothing.
  const running = yield* search(
    ctx,
    `SELECT offline_user_data_job.id FROM offline_user_data_job WHERE offline_user_data_job.status = 'RUNNING' AND offline_user_data_job.customer_match_user_list_metadata.user_list = '${listOf(ctx)}'`,
  );
  if (isAnswer(running)) return { outcome: api.broken(running) };
  if (running.length > 0) return { outcome: deferred("another job works on the list") };
  const consent = batch.op === "remove" ? {} : consentOf(ctx.config, (status) => status);
  const job = {
    type: "CUSTOMER_MATCH_USER_LIST",
    customerMatchUserListMetadata: { userList: listOf(ctx), ...consent },
    externalId: String(numberFrom(batch.id)),
  };
  // Until it is run a job changes nothing.
  const created = { job, enableMatchRateRangePreview: true };
  const made = yield* api.post(ctx, "offlineUserDataJobs:create", created, { harmless: true });
  const id = /\/offlineUserDataJobs\/(\d+)$/.exec(String(made.body?.resourceName))?.[1];
  if (id === undefined) return { outcome: api.broken(made) };
  const refused = yield* fill(batch, ctx, id);
  if (!(refused instanceof Map)) return { outcome: refused };
  if (refused.size === batch.changes.length) return { refused };
  const run = yield* api.post(ctx, `offlineUserDataJobs/${id}:run`, {});
  return run.status === 200 ? { job: id, refused } : { outcome: api.broken(run) };
}

/** Adds the operations; the rows that are refused, or one outcome for all. */
function* fill(batch: Batch, ctx: Context<Config>, id: string): Exchange<Map<number, Outcome> | Outcome> {
  const refused = new Map<number, Outcome>();
  let first = 0;
  // 100,000 identifiers a request at most (facts A4), three of a person.
  for (const some of chunks(batch.changes, 30_000)) {
    const body = { enablePartialFailure: true, operations: some.map(operationOf) };
    const response = yield* api.post(ctx, `offlineUserDataJobs/${id}:addOperations`, body);
    const failure: unknown = response.body?.partialFailureError;
    const fate = api.broken(failure === undefined ? response : { ...response, body: { error: failure } });
    const rows = violatedRows(rpcStatus(failure), "operations");
    // All taken is answered with an empty object.
    const taken = failure === undefined && response.status === 200 && response.body && !Array.isArray(response.body);
    if (!taken && rows.length === 0) return fate;
    for (const [row, outcome] of rows) refused.set(first + row, outcome);
    first += some.length;
  }
  return refused;
}

function* fateOf(id: string, ctx: Context<Config>, afterMs: number): Exchange<Outcome | undefined | "forgotten"> {
  const found = yield* search(
    ctx,
    `SELECT offline_user_data_job.status, offline_user_data_job.failure_reason, offline_user_data_job.operation_metadata.match_rate_range FROM offline_user_data_job WHERE offline_user_data_job.id = ${id}`,
    afterMs,
  );
  if (isAnswer(found)) return api.broken(found);
  if (found.length === 0) return "forgotten";
  const { status, failureReason, operationMetadata } = found[0]?.offlineUserDataJob ?? {};
  const matchRate = matchRateOf(operationMetadata?.matchRateRange);
  if (matchRate !== undefined) yield { measured: { matchRate } } satisfies Effect;
  if (status === "PENDING" || status === "RUNNING") return undefined;
  if (status === "SUCCESS") return accepted();
  return status === "FAILED"
    ? deferred(`Google Ads failed to work on the job: ${String(failureReason ?? "it gives no reason")}`)
    : unknown("broken answer: no status of the job");
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const found = yield* search(
    ctx,
    `SELECT user_list.size_for_display, user_list.size_for_search FROM user_list WHERE user_list.id = ${ctx.remote.id}`,
  );
  const { sizeForDisplay, sizeForSearch } = isAnswer(found) ? {} : (found[0]?.userList ?? {});
  const sizes = [sizeForDisplay, sizeForSearch].filter((size) => size !== undefined).map(Number);
  return sizes.length === 0 ? {} : { sizeLow: Math.min(...sizes), sizeHigh: Math.max(...sizes) };
}

const audience = defineObject<Config, keyof typeof customerMatch.identifiers>({
  describe: "A Customer Match list of contacts; leaving goes by e-mail and phone, not by address",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: customerMatch.identifiers,
  fields: customerMatch.address,
  // A job takes any number; one at a time works on a list (facts A4).
  limits: { rows: 100_000, concurrency: 1 },
  // Jobs take up to two days (facts A4, unverified).
  lateMs: 48 * 3_600_000,
  ...customerMatch.lifetime,
  ensure: ensureNamed<Config>({
    what: "user list",
    api,
    *find(name, ctx) {
      const quoted = name.replace(/['\\]/g, "\\$&");
      const query = `SELECT user_list.id, user_list.name, user_list.description FROM user_list WHERE user_list.name = '${quoted}'`;
      const found = yield* search(ctx, query);
      return isAnswer(found)
        ? found
        : found.map(({ userList: { description = "", ...list } }) => ({ ...list, description }));
    },
    create: (name, ctx, marker) =>
      api.post(ctx, "userLists:mutate", {
        operations: [
          {
            create: {
              name,
              description: `Kept by millrace ${marker}`,
              membershipLifeSpan: String(ctx.config.membership_days),
              crmBasedUserList: { uploadKeyType: "CONTACT_INFO", dataSourceType: "FIRST_PARTY" },
            },
          },
        ],
      }),
    idOf: ({ body }) => /\/userLists\/(\d+)$/.exec(String(body?.results?.[0]?.resourceName))?.[1],
  }),
  deliver: (batch, ctx) =>
    rowsJob<string>(batch, ctx, {
      polls: ctx.config.status_polls,
      start: () => begin(batch, ctx),
      poll: (id, afterMs) => fateOf(id, ctx, afterMs),
    }),
  measure,
});

export default defineDestination<Config>({
  name: "google-ads",
  describe: "Google Customer Match lists by the Google Ads API, for developer tokens that used it before April 2026.",
  docs: "https://developers.google.com/google-ads/api/docs/remarketing/audience-segments/customer-match",
  guide: {
    credentials: `A developer token that Google still lets in, and a refresh token with the scope ${scope} of a user of the account; new accounts take the type google.`,
    refused:
      "Operations that are refused when a job is filled name their rows; the others are in the job. A job that fails is made again by the next run.",
    erasure: "Removing the person from every list: Google keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject({
    ...serviceAccountCredentials,
    developer_token: z.string().describe("Developer token of the manager account."),
  }),
  auth: signedIn("https://oauth2.googleapis.com/token", scope, ({ credentials }) => ({
    "developer-token": String(credentials["developer_token"]),
  })),
  effects: ["http", "checkpoint"],
  hosts: (config, session) => [...api.hosts(config, session), "oauth2.googleapis.com"],
  *check({ config }) {
    const response = yield* api.post({ config }, "googleAds:search", {
      query: "SELECT customer.id FROM customer LIMIT 1",
    });
    return api.finding(response, `reads account ${config.customer}`);
  },
  objects: { audience },
});
