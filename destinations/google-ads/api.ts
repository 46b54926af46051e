/** How one talks to the Google Ads API: the settings, the reasons that no other try would mend, and its query language. */
import type { Context, Exchange, HttpResponse } from "millrace/destination";
import { customerMatch, networkSettings, rpcApi } from "millrace/destination";
import { z } from "zod";

export const scope = "https://www.googleapis.com/auth/adwords";
const customerId = z.string().regex(/^\d+$/, "a customer id is digits, without dashes");

/** The `config:` block. */
export const settings = z.strictObject({
  customer: customerId.describe("Id of the Google Ads account that the lists belong to."),
  login_customer: customerId.optional().describe("Id of the manager account through which the credentials reach it."),
  api_version: z.string().default("v25").describe("Version of the Google Ads API; each ends after about a year."),
  ...customerMatch.settings,
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
type Place = Pick<Context<Config>, "config">;

/** The API, below an account. */
export const api = rpcApi<Config>({
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
export function* search(ctx: Place, query: string, afterMs = 0): Exchange<readonly any[] | HttpResponse> {
  const response = yield* api.post(ctx, "googleAds:search", { query }, { harmless: true, afterMs });
  const { status, body } = response;
  const rows = status === 200 && body && !Array.isArray(body) ? (body.results ?? []) : undefined;
  return Array.isArray(rows) ? rows : response;
}

/** Whether a {@link search} found no rows but an answer that cannot be read. */
export const isAnswer = (found: readonly unknown[] | HttpResponse): found is HttpResponse => !Array.isArray(found);
