/**
 * HubSpot: records by batches, lists, who belongs to what. `hubspot/table.ts` finds and writes records of any type; each
 * object has a file of its own beside it.
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { accountDetails, api, area, type Config, settings } from "./hubspot/api.ts";
import { association } from "./hubspot/association.ts";
import { company } from "./hubspot/company.ts";
import { contact } from "./hubspot/contact.ts";
import { custom } from "./hubspot/custom.ts";
import { list } from "./hubspot/list.ts";

export default defineDestination<Config>({
  name: "hubspot",
  describe: "HubSpot contacts, companies, custom objects, lists and associations.",
  docs: "https://developers.hubspot.com/docs/api/crm/contacts",
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Access token of a private app.") }),
  guide: {
    credentials:
      "Make a private app under Settings, Integrations; scopes, read and write, of what is sent: crm.objects.contacts, crm.objects.companies, crm.objects.custom, crm.lists.",
    refused: "Batches answer row by row: a refused row has HubSpot's category and words, the others are written.",
    erasure: "HubSpot's GDPR delete of the contact, for good: its e-mail cannot come back. on_leave: delete archives.",
  },
  effects: ["http"],
  hosts: api.hosts,
  auth: { type: "bearer", secret: "access_token" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, `${area(ctx, "objects")}/contacts?limit=1`), "reads contacts");
  },
  // Needs no scope beyond the one that every token has (developers.hubspot.com, Account information API).
  account: (ctx) => said(api.get(ctx, accountDetails(ctx)), (body) => body?.portalId),
  objects: { contact, company, custom, list, association },
});
