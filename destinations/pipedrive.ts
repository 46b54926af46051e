/**
 * Pipedrive: persons and organizations. There is no upsert: a record is found by search (which lags by seconds, so its id is
 * kept), then changed or made (`pipedrive/record.ts`).
 */
import { defineDestination, oauthCredentials, refreshGrant } from "millrace/destination";
import { z } from "zod";
import { api, companyOf, type Config, settings } from "./pipedrive/api.ts";
import { organization } from "./pipedrive/organization.ts";
import { person } from "./pipedrive/person.ts";

export default defineDestination<Config>({
  name: "pipedrive",
  describe: "Pipedrive persons and organizations.",
  docs: "https://developers.pipedrive.com/docs/api/v1",
  guide: {
    credentials:
      "Personal preferences, API: take the API token; or make an app with contacts:full and search:read and keep its refresh token.",
    refused: "One record a request: each refused row has Pipedrive's own code and words.",
    erasure: "Delete the record: Pipedrive keeps it as deleted for 30 days.",
  },
  config: settings,
  credentials: z.strictObject({
    api_token: z.string().optional().describe("API token of a user."),
    ...oauthCredentials,
  }),
  auth: {
    type: "oauth2",
    token({ credentials }) {
      if (credentials["refresh_token"] === undefined) return null;
      const app = Buffer.from(`${String(credentials["client_id"])}:${String(credentials["client_secret"])}`);
      const headers = { authorization: `Basic ${app.toString("base64")}` };
      return { url: "https://oauth.pipedrive.com/oauth/token", form: refreshGrant(credentials), headers };
    },
    headers: (token, { credentials: { api_token } }) =>
      typeof api_token === "string" ? { "x-api-token": api_token } : { authorization: `Bearer ${token}` },
  },
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), "oauth.pipedrive.com"],
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "persons?limit=1"), "reads persons");
  },
  account: companyOf,
  objects: { person, organization },
});
