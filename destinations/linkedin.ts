/**
 * LinkedIn matched audiences (DMP segments), streamed: people by hashed e-mail or device, companies by what is known of them.
 * LinkedIn answers row by row, in order.
 *
 * How it is talked to stands in ./linkedin/api.ts, how rows travel in ./linkedin/stream.ts, how segments are found and made
 * in ./linkedin/segment.ts; people are ./linkedin/audience.ts, companies ./linkedin/company-audience.ts.
 */
import { defineDestination, oauthCredentials, refreshing } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./linkedin/api.ts";
import { audience } from "./linkedin/audience.ts";
import { companyAudience } from "./linkedin/company-audience.ts";
import { segments } from "./linkedin/segment.ts";

export default defineDestination<Config>({
  name: "linkedin",
  describe: "LinkedIn matched audiences of people and companies.",
  docs: "https://learn.microsoft.com/linkedin/marketing/matched-audiences/create-and-manage-segment-users",
  guide: {
    credentials:
      "LinkedIn must admit your app to the private Audiences programme (rw_dmp_segments); a member with a role above viewer in the ad account consents to it and r_ads. The refresh token lives a year.",
    refused: "LinkedIn answers row by row: a refused row is kept with its words, the others of the request are taken.",
    erasure: "Removing the person from every segment: LinkedIn keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: refreshing("https://www.linkedin.com/oauth/v2/accessToken"),
  effects: ["http", "wait"],
  hosts: (config, session) => [...api.hosts(config, session), "www.linkedin.com"],
  // A conflict is another write under way: refused for now, not for good.
  classify: ({ status }) => (status === 409 ? "throttled" : undefined),
  *check({ config }) {
    const response = yield* api.get({ config }, `${segments(config)}&start=0&count=1`);
    return api.finding(response, `reads the segments of ad account ${config.ad_account}`);
  },
  objects: { audience, company_audience: companyAudience },
});
