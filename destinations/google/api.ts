/** How one talks to Google's Data Manager API: the settings, and the reasons that no other try would mend. */
import { customerMatch, networkSettings, rpcApi } from "millrace/destination";
import { z } from "zod";

/** Milliseconds. */
export const day = 24 * 3_600_000;
export const scope = "https://www.googleapis.com/auth/datamanager";
const accountId = z.string().regex(/^\d+$/, "an account id is digits, without dashes");

/** The `config:` block. */
export const settings = z.strictObject({
  account: accountId.describe("Id of the Google Ads account that the lists and conversion actions belong to."),
  login_account: accountId.optional().describe("Id of the manager account through which the credentials reach it."),
  api_version: z.string().default("v1").describe("Version of the Data Manager API."),
  accept_terms: z.boolean().default(false).describe("true: the Customer Match terms are accepted, as adding needs."),
  ...customerMatch.settings,
  max_age_days: z.int().min(1).default(90).describe("Older events are skipped as too old."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** The API; a refusal carries Google's own reason. */
export const api = rpcApi<Config>({
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

// developers.google.com/data-manager/api/devguides/limits: requests a minute.
export const rate = { requests: 300, perSeconds: 60 };

/** The lists of an account, as a path. */
export const userLists = ({ account }: Config): string => `accountTypes/GOOGLE_ADS/accounts/${account}/userLists`;
