/**
 * Google Customer Match by the Google Ads API: jobs of operations, one person each, that run for hours. Google lets in only
 * developer tokens that used it before April 2026; everybody else takes `google`. One job at a time works on a list.
 * `removeAll` is not used: the ledger knows exactly who has to leave.
 *
 * How it is talked to stands in ./google-ads/api.ts; ./google-ads/audience.ts keeps the lists by the jobs of
 * ./google-ads/job.ts.
 */
import { defineDestination, serviceAccountCredentials, signedIn } from "millrace/destination";
import { z } from "zod";
import { api, type Config, scope, settings } from "./google-ads/api.ts";
import { audience } from "./google-ads/audience.ts";

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
