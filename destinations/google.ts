/**
 * Google Customer Match and conversions by the Data Manager API. A request is taken whole, or refused naming the rows that
 * spoil it: the others go again without them. What became of a request is asked until Google knows, by the next run if need
 * be. `removeAll` is not used: the ledger knows exactly who has to leave.
 */
import type { Batch, Change, Context, Exchange, Measured } from "millrace/destination";
import { consentOf, customerMatch, defineDestination, defineObject, ensureNamed, exact } from "millrace/destination";
import { matchAddress, networkSettings, number, oneOf, only, paged, requestFate } from "millrace/destination";
import { rowsJob, rpcApi, rpcStatus, serviceAccountCredentials, signedIn, skipped, stop } from "millrace/destination";
import { text, timestamp, violatedRows, withoutSpoilers } from "millrace/destination";
import { z } from "zod";

const day = 24 * 3_600_000;
const scope = "https://www.googleapis.com/auth/datamanager";
const accountId = z.string().regex(/^\d+$/, "an account id is digits, without dashes");

const settings = z.strictObject({
  account: accountId.describe("Id of the Google Ads account that the lists and conversion actions belong to."),
  login_account: accountId.optional().describe("Id of the manager account through which the credentials reach it."),
  api_version: z.string().default("v1").describe("Version of the Data Manager API."),
  accept_terms: z.boolean().default(false).describe("true: the Customer Match terms are accepted, as adding needs."),
  ...customerMatch.settings,
  max_age_days: z.int().min(1).default(90).describe("Older events are skipped as too old."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = rpcApi<Config>({
  base: ({ api_version }) => `https://datamanager.googleapis.com/${api_version}`,
  // Spec, ErrorReason.
  unmended: {
    TERMS_AND_CONDITIONS_NOT_SIGNED: "accept the Customer Match terms in the account and set accept_terms: true",
    ACCESS_TOKEN_SCOPE_INSUFFICIENT: `the credentials need the scope ${scope}`,
    PERMISSION_DENIED: "give the credentials access to the account, or name its manager in login_account",
    NOT_ALLOWLISTED: "Google has to allow the account first",
    EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED: "declare in the account whether it runs EU political ads",
  },
  gone: ["INVALID_USER_LIST_ID", "INVALID_CONVERSION_ACTION_ID"],
});

const person = { ...customerMatch.address, ...customerMatch.consent };
const word = (status: string): string => `CONSENT_${status}`;

/** Sends the rows, and waits for the verdict; `body`: of a request with some of them, without what all requests have. */
function settle(batch: Batch, ctx: Context<Config>, path: string, body: (some: readonly Change[]) => object) {
  const { account, login_account: login } = ctx.config;
  const accountOf = (id: string) => ({ accountType: "GOOGLE_ADS", accountId: id });
  const destination = {
    operatingAccount: accountOf(account),
    ...(login === undefined ? {} : { loginAccount: accountOf(login) }),
    productDestinationId: ctx.remote.id,
  };
  return rowsJob<string>(batch, ctx, {
    polls: ctx.config.status_polls,
    *start() {
      const { response, refused } = yield* withoutSpoilers(
        batch.changes,
        (some) => api.post(ctx, path, { destinations: [destination], ...body(some), encoding: "HEX" }),
        ({ body: answer }) => violatedRows(rpcStatus(answer?.error), "audience_members", "events"),
      );
      if (response === undefined) return { refused };
      const job: unknown = response.body?.requestId;
      return typeof job === "string" ? { job, refused } : { outcome: api.broken(response) };
    },
    *poll(id, afterMs) {
      const asked = yield* api.get(ctx, `requestStatus:retrieve?requestId=${encodeURIComponent(id)}`, { afterMs });
      return yield* requestFate(asked, api.broken);
    },
  });
}

/** What is said of a person, in a list as at an event. */
function personOf({ identifiers: { email, phone }, fields }: Change): object {
  const address = matchAddress(fields);
  const userIdentifiers = [
    ...(email === undefined ? [] : [{ emailAddress: email }]),
    ...(phone === undefined ? [] : [{ phoneNumber: phone }]),
    ...(address === undefined ? [] : [{ address }]),
  ];
  return { ...(userIdentifiers.length > 0 && { userData: { userIdentifiers } }), ...consentOf(fields, word) };
}

// developers.google.com/data-manager/api/devguides/limits: requests a minute.
const rate = { requests: 300, perSeconds: 60 };
const userLists = ({ account }: Config): string => `accountTypes/GOOGLE_ADS/accounts/${account}/userLists`;

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const { body } = yield* api.get(ctx, `${userLists(ctx.config)}/${ctx.remote.id}`);
  const sizes = Object.values(body?.sizeInfo ?? {}).map(Number);
  return sizes.length === 0 ? {} : { sizeLow: Math.min(...sizes), sizeHigh: Math.max(...sizes) };
}

const audience = defineObject<Config, keyof typeof customerMatch.identifiers>({
  describe: "A Customer Match list of contacts; leaving goes by e-mail and phone, not by address",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: customerMatch.identifiers,
  fields: person,
  // devguides/limits: members a request.
  limits: { rows: 10_000, rate },
  // devguides/diagnostics: a request may be worked on for a day.
  lateMs: day,
  ...customerMatch.lifetime,
  ensure: ensureNamed<Config>({
    what: "user list",
    api,
    find: (_name, { config }) =>
      paged(
        (next) => api.get({ config }, userLists(config) + (next === undefined ? "" : `?pageToken=${next}`)),
        // The key is left out where there are none; a list in place of the answer is broken.
        ({ body }) =>
          (body && !body.error && !Array.isArray(body) ? (body.userLists ?? []) : undefined)?.map(
            ({ id, displayName: name, description = "" }: any) => ({ id, name, description }),
          ),
        ({ body }) => body?.nextPageToken && encodeURIComponent(body.nextPageToken),
      ),
    create: (displayName, { config }, marker) =>
      api.post({ config }, userLists(config), {
        displayName,
        description: `Kept by millrace ${marker}`,
        membershipDuration: `${config.membership_days * 86_400}s`,
        ingestedUserListInfo: {
          uploadKeyTypes: ["CONTACT_ID"],
          contactIdInfo: { dataSourceType: "DATA_SOURCE_TYPE_FIRST_PARTY" },
        },
      }),
    idOf: ({ body }) => body?.id,
  }),
  deliver(batch, ctx) {
    const members = (some: readonly Change[]) => ({ audienceMembers: some.map(personOf) });
    if (batch.op === "remove") return settle(batch, ctx, "audienceMembers:remove", members);
    const termsOfService = { customerMatchTermsOfServiceStatus: ctx.config.accept_terms ? "ACCEPTED" : "REJECTED" };
    const common = { ...consentOf(ctx.config, word), termsOfService };
    return settle(batch, ctx, "audienceMembers:ingest", (some) => ({ ...members(some), ...common }));
  },
  measure,
});

const clicks = { gclid: exact("Click id"), gbraid: exact("Click id, iOS app"), wbraid: exact("Click id, iOS web") };
const eventFields = {
  transaction_id: text({ describe: "Id of the order", required: true }),
  event_timestamp: timestamp({ describe: "When it happened", required: true }),
  event_source: oneOf(["WEB", "APP", "IN_STORE", "PHONE", "MESSAGE", "OTHER"]),
  conversion_value: number({ describe: "Value of the conversion" }),
  currency: text({ describe: "ISO 4217, three capitals", max: 3 }),
};
/** `transaction_id` -> `transactionId`. */
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const eventNames = new Map(Object.keys(eventFields).map((field) => [field, camel(field)]));

function eventOf(change: Change): object {
  const { gclid, gbraid, wbraid } = change.identifiers;
  const ids = Object.entries({ gclid, gbraid, wbraid }).filter(([, id]) => id !== undefined);
  const own = [...eventNames].map(([field, name]) => [name, change.fields[field] ?? null]);
  return {
    ...Object.fromEntries(own.filter(([, value]) => value !== null)),
    ...(ids.length > 0 && { adIdentifiers: Object.fromEntries(ids) }),
    ...personOf(change),
  };
}

const event = defineObject<Config, keyof typeof customerMatch.identifiers | keyof typeof clicks>({
  describe: "A conversion; the sync's `remote: { id }` is its conversion action",
  kind: "event",
  ops: ["add"],
  // A transactionId counts once at a conversion action (facts A5). No end of that is named; a week is well within.
  delivery: "keyed",
  windowMs: 7 * day,
  identify: "any",
  identifiers: { ...customerMatch.identifiers, ...clicks },
  fields: { ...eventFields, ...person },
  // devguides/limits: events a request.
  limits: { rows: 2000, rate },
  lateMs: day,
  *ensure({ remoteConfig: { id } }) {
    return id === undefined ? stop("target", "no conversion action", "set remote: { id }") : { id: String(id) };
  },
  deliver(batch, ctx) {
    const oldest = ctx.asOf - ctx.config.max_age_days * day;
    return only(
      batch,
      ({ fields }) => (Date.parse(String(fields["event_timestamp"])) < oldest ? skipped("too_old") : undefined),
      (young) =>
        settle(young, ctx, "events:ingest", (some) => ({ events: some.map(eventOf), ...consentOf(ctx.config, word) })),
    );
  },
});

export default defineDestination<Config>({
  name: "google",
  describe: "Google Customer Match lists and conversions (Data Manager API).",
  docs: "https://developers.google.com/data-manager/api",
  guide: {
    credentials: `Enable the Data Manager API in a Cloud project; take a refresh token with the scope ${scope} of a user of the account, or the key file of a service account that is one.`,
    refused:
      "A refused request names rows: those are refused, the others are sent again. What Google drops later it only counts by reason: the run's log has the counts.",
    erasure: "Removing the person from every list: Google keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(serviceAccountCredentials),
  auth: signedIn("https://oauth2.googleapis.com/token", scope),
  effects: ["http", "checkpoint"],
  hosts: (config, session) => [...api.hosts(config, session), "oauth2.googleapis.com"],
  // ABORTED: another request was in the way (facts A3).
  classify: ({ status }) => (status === 409 ? "retry" : undefined),
  *check({ config }) {
    const response = yield* api.get({ config }, `${userLists(config)}?pageSize=1`);
    return api.finding(response, `reads the user lists of account ${config.account}`);
  },
  objects: { audience, event },
});
