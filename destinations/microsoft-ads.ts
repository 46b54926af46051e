/**
 * Microsoft Advertising customer lists: hashed e-mails or CRM ids, one kind a request. Microsoft names the items it refused by
 * their place; what it says of them echoes them, so only its codes are kept.
 *
 * How it is talked to stands in ./microsoft-ads/api.ts, the lists in ./microsoft-ads/audience.ts.
 */
import { defineDestination, oauthCredentials, refreshing } from "millrace/destination";
import { z } from "zod";
import { api, type Config, faults, settings } from "./microsoft-ads/api.ts";
import { audience, lists } from "./microsoft-ads/audience.ts";

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
