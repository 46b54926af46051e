/**
 * Microsoft Advertising customer lists: hashed e-mails or CRM ids, one kind a request. Microsoft names the items it refused by
 * their place; what it says of them echoes them, so only its codes are kept.
 */
import type { Batch, Context, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { accepted, all, byKey, defineDestination, defineObject, deferred } from "millrace/destination";
import { email, ensureNamed, exact, jsonApi, networkSettings, oauthCredentials } from "millrace/destination";
import { refreshing, rejected, stop, type StopReason, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  account_id: z
    .string()
    .regex(/^\d+$/, "an account id is digits")
    .describe("Id of the ad account (CustomerAccountId)."),
  customer_id: z.string().regex(/^\d+$/, "a customer id is digits").describe("Id of the manager account (CustomerId)."),
  accept_customer_match_terms: z
    .boolean()
    .optional()
    .describe("true: accept the Customer Match terms with each request; absent: they were accepted by hand."),
  batch_rows: z.int().min(1).max(100_000).default(1000).describe("Items of a request; Microsoft names no maximum."),
  api_version: z
    .string()
    .regex(/^v\d+$/)
    .default("v13")
    .describe("Version of the Campaign Management API."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

interface Problem {
  readonly Index?: number;
  readonly Code?: number;
  readonly ErrorCode?: string;
}

const listed = (value: unknown): readonly Problem[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];

/** Of the request as a whole; such answers bear no status of their own, and HTTP's may be any. */
const faults = ({ body }: HttpResponse): readonly Problem[] => listed(body?.Errors ?? body?.OperationErrors);
/** Of its parts. */
const partial = ({ body }: HttpResponse): readonly Problem[] => listed(body?.PartialErrors);

const codeOf = ({ Code, ErrorCode }: Problem): string => `${ErrorCode ?? "refused"} (${Code ?? "no code"})`;

/** Codes that no row is the cause of (facts A11; 8003: customerlistuserdata). */
const halts: Readonly<Record<number, readonly [StopReason, string]>> = {
  105: ["credentials", "renew refresh_token"],
  109: ["credentials", "renew refresh_token"],
  106: ["permission", "the user needs access to the account, the developer token to the API"],
  8003: ["permission", "accept the Customer Match terms, or set accept_customer_match_terms"],
};

function halt(problem: Problem): void {
  const [reason, hint] = halts[problem.Code ?? 0] ?? [];
  if (reason !== undefined) stop(reason, codeOf(problem), hint);
  if (problem.ErrorCode?.includes("AudienceId") === true) stop("target_gone", codeOf(problem));
}

const api = jsonApi<Config>({
  base: ({ api_version }) => `https://campaign.api.bingads.microsoft.com/CampaignManagement/${api_version}`,
  headers: ({ account_id, customer_id }) => ({ customeraccountid: account_id, customerid: customer_id }),
  fault(response) {
    const [problem] = [...faults(response), ...partial(response)];
    return problem === undefined ? undefined : { code: problem.ErrorCode, message: codeOf(problem) };
  },
  judge(response) {
    for (const problem of [...faults(response), ...partial(response)]) halt(problem);
    // "117 CallRateExceeded: retry after 60 s" (facts A11).
    return faults(response).some(({ Code }) => Code === 117) ? deferred("CallRateExceeded (117)", 60_000) : undefined;
  },
});

/** What was refused, by the item; undefined where the answer does not say. */
function refusals(response: HttpResponse, items: readonly string[]): ReadonlyMap<string, Outcome> | undefined {
  const { PartialErrors: errors } = response.body ?? {};
  const isRead = errors === null || (Array.isArray(errors) && errors.every((each) => items[each?.Index] !== undefined));
  if (!isRead) return undefined;
  return new Map(
    partial(response).map((problem) => [
      items[problem.Index ?? 0] ?? "",
      rejected(problem.ErrorCode ?? "refused", `Microsoft refused the item: ${codeOf(problem)}`),
    ]),
  );
}

const subTypes: Readonly<Record<string, string>> = { email: "Email", crm_id: "CRM" };

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const kind = batch.kind ?? "";
  const items = [...new Set(batch.changes.map(({ identifiers }) => identifiers[kind] ?? ""))];
  const { accept_customer_match_terms: terms } = ctx.config;
  const response = yield* api.post(ctx, "CustomerListUserData/Apply", {
    CustomerListUserData: {
      AudienceId: ctx.remote.id,
      ActionType: batch.op === "remove" ? "Remove" : "Add",
      CustomerListItemSubType: subTypes[kind],
      CustomerListItems: items,
      ...(terms === undefined ? {} : { AcceptCustomerMatchTerm: terms }),
    },
  });
  const outcome = api.outcome(response);
  if (faults(response).length > 0 || response.status >= 300) return all(batch, outcome);
  const refused = refusals(response, items);
  if (refused === undefined) return all(batch, unknown("broken answer: PartialErrors that name no item"));
  return byKey(batch, ({ identifiers }) => identifiers[kind], refused, accepted());
}

const lists = "Audiences/QueryByIds";

interface Audience {
  readonly Id: number | string;
  readonly Name: string;
  readonly Description?: string | null;
  readonly SearchSize?: number | null;
  readonly AudienceNetworkSize?: number | null;
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const response = yield* api.post(ctx, lists, { AudienceIds: [ctx.remote.id], Type: "CustomerList" });
  const list: Audience | undefined = response.body?.Audiences?.[0];
  // The people of the search network and those of the audience network may be the same.
  const sizes = [list?.SearchSize, list?.AudienceNetworkSize].filter((size) => typeof size === "number");
  return sizes.length === 0 ? {} : { sizeLow: Math.max(...sizes), sizeHigh: sizes.reduce((sum, size) => sum + size) };
}

const audience = defineObject<Config, "email" | "crm_id">({
  describe: "A customer list",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "each",
  identifiers: { email: email({ hash: "sha256" }), crm_id: exact("Your own id of the customer, sent as it is") },
  fields: {},
  // 1,000 items as connectors send them (facts A11).
  limits: { rows: 1000 },
  configure: ({ batch_rows }) => ({ limits: { rows: batch_rows } }),
  // "Membership 1..180 days" (customer-list.md, 2021): sent again before the shorter of the documented lives ends.
  expiresMs: 180 * 86_400_000,
  ensure: ensureNamed<Config>({
    what: "customer list",
    api,
    *find(_name, ctx) {
      const response = yield* api.post(ctx, lists, { Type: "CustomerList" });
      const found: readonly Audience[] | undefined = response.body?.Audiences;
      if (!Array.isArray(found)) return response;
      return found.map((each: Audience) => ({
        id: String(each.Id),
        name: each.Name,
        description: each.Description ?? "",
      }));
    },
    create(name, { config }, marker) {
      const list = { Type: "CustomerList", Name: name, Description: `Kept by millrace ${marker}` };
      const owner = { Scope: "Account", ParentId: config.account_id };
      return api.post({ config }, "Audiences", { Audiences: [{ ...list, ...owner }] }, { once: true });
    },
    idOf: ({ body }) => body?.AudienceIds?.[0],
  }),
  deliver,
  measure,
});

export default defineDestination<Config>({
  name: "microsoft-ads",
  describe: "Microsoft Advertising customer lists.",
  docs: "https://learn.microsoft.com/advertising/campaign-management-service/customerlistuserdata",
  guide: {
    credentials:
      "Register an app in Microsoft Entra, let a user of the ad account consent to msads.manage and offline_access, keep the refresh token, and take a developer token from the developer portal.",
    refused:
      "Microsoft names refused items by their place: those rows are kept with its code, never with its words, which repeat the identifier; the others of the request are taken.",
    erasure: "Removing the person from every list: Microsoft keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject({
    ...oauthCredentials,
    developer_token: z.string().describe("Token of the developer portal, that admits to the API."),
  }),
  auth: refreshing("https://login.microsoftonline.com/common/oauth2/v2.0/token", {
    more: { scope: "https://ads.microsoft.com/msads.manage offline_access" },
    headers: (token, { credentials }) => ({
      authorization: `Bearer ${token}`,
      developertoken: String(credentials["developer_token"]),
    }),
  }),
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), "login.microsoftonline.com"],
  // Faults come under any status: 105 and 109 are the token, 106 is no access and nothing to refresh (facts A11).
  classify(response) {
    const codes = new Set(faults(response).map(({ Code }) => Code));
    if (codes.has(105) || codes.has(109)) return "auth";
    if (codes.has(117)) return "throttled";
    return codes.has(106) || (codes.size > 0 && response.status < 500) ? "reject" : undefined;
  },
  *check({ config }) {
    const response = yield* api.post({ config }, lists, { Type: "CustomerList" });
    return api.finding(response, `reads the customer lists of account ${config.account_id}`);
  },
  objects: { audience },
});
