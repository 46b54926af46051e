/**
 * Meta (Facebook, Instagram). It answers for a request as a whole: a spoilt row refuses all of them.
 *
 * How it is talked to stands in ./meta/api.ts; ./meta/audience.ts keeps custom audiences, ./meta/event.ts sends
 * conversions, and ./meta/person.ts has what both say of a person.
 */
import { defineDestination, hmacSha256 } from "millrace/destination";
import { z } from "zod";
import { api, classify, type Config, settings } from "./meta/api.ts";
import { audience } from "./meta/audience.ts";
import { event } from "./meta/event.ts";

export default defineDestination<Config>({
  name: "meta",
  describe: "Meta custom audiences and conversions (Facebook, Instagram).",
  docs: "https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences",
  config: settings,
  credentials: z.strictObject({
    access_token: z.string().describe("Long-lived or system-user token with ads_management."),
    app_secret: z.string().optional().describe("Adds appsecret_proof to every request."),
  }),
  guide: {
    credentials: "A system user's token with ads_management; accept the custom audience terms of the ad account once.",
    refused:
      "Meta refuses a request as a whole: it is halved until the rows it is refused for are found. A session that replaces the audience is not halved: a refused request ends the sync, and the next run offers everybody again.",
    erasure: "Removing the person from every audience; Meta keeps no row that could be read back.",
  },
  effects: ["http"],
  hosts: api.hosts,
  auth: {
    type: "custom",
    headers: ({ access_token }) => ({ authorization: `Bearer ${String(access_token)}` }),
    query: ({ access_token, app_secret }): Record<string, string> =>
      typeof app_secret === "string" ? { appsecret_proof: hmacSha256(app_secret, String(access_token)) } : {},
  },
  classify,
  *check({ config }) {
    const response = yield* api.get({ config }, `${config.ad_account}?fields=name,account_status`);
    const ok = response.status === 200 && response.body?.error === undefined;
    const why = ok ? "" : `: ${api.words(response)}; the token needs ads_management`;
    return [{ ok, message: `${ok ? "reads" : "cannot read"} ad account ${config.ad_account}${why}` }];
  },
  objects: { audience, event },
});
