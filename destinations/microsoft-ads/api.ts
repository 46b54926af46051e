/** How one talks to Microsoft's Campaign Management API: its faults come under any HTTP status, for the whole or for parts. */
import type { HttpResponse, StopReason } from "millrace/destination";
import { deferred, jsonApi, networkSettings, stop } from "millrace/destination";
import { z } from "zod";

/** The `config:` block. */
export const settings = z.strictObject({
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
export type Config = z.output<typeof settings>;

interface Problem {
  readonly Index?: number;
  readonly Code?: number;
  readonly ErrorCode?: string;
}

const listed = (value: unknown): readonly Problem[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];

/** Of the request as a whole; such answers bear no status of their own, and HTTP's may be any. */
export const faults = ({ body }: HttpResponse): readonly Problem[] => listed(body?.Errors ?? body?.OperationErrors);
/** Of its parts. */
export const partial = ({ body }: HttpResponse): readonly Problem[] => listed(body?.PartialErrors);

/** What Microsoft says of a problem echoes the item: only its codes are kept. */
export const codeOf = ({ Code, ErrorCode }: Problem): string => `${ErrorCode ?? "refused"} (${Code ?? "no code"})`;

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

/** The API, for one account. */
export const api = jsonApi<Config>({
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
