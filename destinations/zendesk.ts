/**
 * Zendesk: users and organizations. Users go up to 100 in a job that is polled to its verdicts (`zendesk/user-job.ts`), or
 * one by one as organizations do (`zendesk/single.ts`).
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./zendesk/api.ts";
import { organization } from "./zendesk/organization.ts";
import { user } from "./zendesk/user.ts";

export default defineDestination<Config>({
  name: "zendesk",
  describe: "Zendesk users and organizations.",
  docs: "https://developer.zendesk.com/api-reference/ticketing/users/users/",
  config: settings,
  credentials: z.strictObject({
    email: z.string().optional().describe("E-mail of an administrator, with api_token."),
    api_token: z.string().optional().describe("API token of the account."),
    access_token: z.string().optional().describe("Instead of both: an OAuth token with the scopes read and write."),
  }),
  guide: {
    credentials:
      "Admin Center, Apps and integrations, Zendesk API: add an API token and use it with an administrator's e-mail, or make an OAuth client. Jobs of many users must be enabled by Zendesk Support.",
    refused: "Jobs and single calls answer user by user: a refused one has Zendesk's error and words.",
    erasure: "Deleting the user, and then deleting it permanently (DELETE /api/v2/deleted_users/ID).",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: {
    type: "custom",
    headers({ email: address, api_token: secret, access_token: bearer }) {
      const basic = Buffer.from(`${String(address)}/token:${String(secret)}`).toString("base64");
      return { authorization: typeof bearer === "string" ? `Bearer ${bearer}` : `Basic ${basic}` };
    },
  },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "users?page[size]=1"), "reads users");
  },
  objects: { user, organization },
});
