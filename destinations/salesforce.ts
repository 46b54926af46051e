/**
 * Salesforce: records of any object, known by an external id that is the model's key. Small batches go as sObject collections,
 * 200 rows a call (`salesforce/collection.ts`), large ones as a Bulk API 2.0 job (`salesforce/bulk.ts`).
 */
import { defineDestination, grantOf, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./salesforce/api.ts";
import { record } from "./salesforce/record.ts";

export default defineDestination<Config>({
  name: "salesforce",
  describe: "Salesforce records of any object.",
  docs: "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm",
  guide: {
    credentials:
      "Make an external client app with the scopes api and refresh_token: a certificate and an approved user for the JWT flow, or the client credentials flow at your My Domain (login_url), or a refresh token.",
    refused: "Salesforce answers row by row, in jobs too: a refused row has its status code and words.",
    erasure: "Delete the record (`on_leave: delete`, mode remove), then empty the recycle bin (15 days).",
  },
  config: settings,
  credentials: z.strictObject({
    client_id: z.string().min(1).describe("Consumer key of the app."),
    client_secret: z.string().optional().describe("Consumer secret, for client credentials and refresh tokens."),
    username: z.string().optional().describe("With private_key: the user to act as."),
    private_key: z.string().optional().describe("PEM of the app's certificate, for the JWT flow."),
    refresh_token: z.string().optional().describe("Refresh token; without it and private_key: client credentials."),
  }),
  auth: {
    type: "oauth2",
    token({ credentials, config, now }) {
      const { origin } = new URL((config as Config).login_url);
      const { client_id, username } = credentials;
      // A JWT may last for three minutes (help.salesforce.com, OAuth 2.0 JWT Bearer Flow).
      const exp = Math.floor(now / 1000) + 180;
      const claims = { iss: String(client_id), sub: String(username), aud: origin, exp };
      return { url: `${origin}/services/oauth2/token`, form: grantOf(credentials, claims) };
    },
  },
  effects: ["http", "checkpoint"],
  classify: ({ body }) => (body?.[0]?.errorCode === "REQUEST_LIMIT_EXCEEDED" ? "throttled" : undefined),
  hosts: (config, session) => [...new Set([...api.hosts(config, session), new URL(config.login_url).hostname])],
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "limits"), "may use the API (permission API Enabled)");
  },
  // An org has one record of this object, which needs no scope beyond the API's.
  account: (ctx) => said(api.get(ctx, "query?q=SELECT+Id+FROM+Organization"), (body) => body?.records?.[0]?.Id),
  objects: { record },
});
