/**
 * Intercom: contacts, companies, tags and events, one a request. It has no upsert by e-mail: contacts are searched and then
 * changed or made (`intercom/user.ts`), and a conflict (HTTP 409) names the one that is there.
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, classify, type Config, settings } from "./intercom/api.ts";
import { company } from "./intercom/company.ts";
import { contact } from "./intercom/contact.ts";
import { event } from "./intercom/event.ts";
import { tag } from "./intercom/tag.ts";

export default defineDestination<Config>({
  name: "intercom",
  describe: "Intercom contacts, companies, tags and events.",
  docs: "https://developers.intercom.com/docs/references/rest-api/api.intercom.io",
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Access token of an app in the workspace.") }),
  guide: {
    credentials:
      "Developer Hub: make an app in the workspace and take its access token; it reads and writes users, companies, tags and events, and reads admins: so Intercom says whose workspace it is.",
    refused: "Every row is a request of its own and is refused in Intercom's code and words.",
    erasure:
      "Deleting the contact for good (DELETE /contacts/ID); leaving a sync with on_leave: delete only archives it.",
  },
  effects: ["http"],
  hosts: api.hosts,
  classify,
  auth: { type: "bearer", secret: "access_token" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "tags"), "reads tags");
  },
  // The workspace that the token's admin belongs to (developers.intercom.com, Identify an admin).
  account: (ctx) => said(api.get(ctx, "me"), (body) => body?.app?.id_code),
  objects: { contact, company, tag, event },
});
