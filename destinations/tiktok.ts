/**
 * TikTok custom audiences, two ways: streamed segments for changes, customer files for many people at once. TikTok answers for
 * a request as a whole, always under HTTP 200: its own code tells.
 *
 * How it is talked to stands in ./tiktok/api.ts; the two ways are ./tiktok/audience.ts and ./tiktok/file-audience.ts, what
 * they share ./tiktok/audiences.ts.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, codeOf, type Config, kindOf, settings } from "./tiktok/api.ts";
import { audience } from "./tiktok/audience.ts";
import { listing } from "./tiktok/audiences.ts";
import { fileAudience } from "./tiktok/file-audience.ts";

export default defineDestination<Config>({
  name: "tiktok",
  describe: "TikTok custom audiences, streamed or by customer file.",
  docs: "https://business-api.tiktok.com/portal/docs",
  guide: {
    credentials:
      "Make an app in TikTok for Business with Audience Management, let the advertiser authorize it, and keep the long-lived access token.",
    refused:
      "TikTok answers for a whole request; one that is refused is halved until the rows it is refused for are found. Files that would leave fewer than 1,000 people wait.",
    erasure: "Removing the person from every audience: TikTok keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Long-lived access token of the app.") }),
  auth: { type: "header", header: "Access-Token", value: "{access_token}" },
  effects: ["http", "wait"],
  hosts: api.hosts,
  classify: (response) => kindOf(codeOf(response)),
  *check({ config }) {
    const response = yield* api.get({ config }, listing(config, "1", 1));
    return api.finding(response, `reads the audiences of advertiser ${config.advertiser_id}`);
  },
  objects: { audience, file_audience: fileAudience },
});
