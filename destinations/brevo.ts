/**
 * Brevo, e-mail and SMS marketing: contacts, and being in a list. Small deltas go contact by contact (`brevo/upsert.ts`),
 * larger ones as an import that is polled to its end (`import-job.ts`). `api.ts` is how one talks to it; `contact.ts` and
 * `list.ts` are what can be sent.
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./brevo/api.ts";
import { contact } from "./brevo/contact.ts";
import { list } from "./brevo/list.ts";

export default defineDestination<Config>({
  name: "brevo",
  describe: "Brevo contacts and lists.",
  docs: "https://developers.brevo.com/reference",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key of version 3, xkeysib-….") }),
  guide: {
    credentials:
      "SMTP & API, API keys: make a key of version 3; where the account restricts addresses, allow the runner's.",
    refused:
      "A contact alone is refused in Brevo's words; an import names those it refused in files, by kind (`invalid_emails`; hosts and columns are unverified). Where these cannot be read or understood, the import is halved until they are found. Attributes that the account does not have Brevo passes over without a word.",
    erasure: "Deleting the contact by its e-mail.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  // Unverified: its own names, and the store of its region.
  downloads: ["*.brevo.com", "*.sendinblue.com", "*.s3.eu-west-1.amazonaws.com", "*.s3.amazonaws.com"],
  auth: { type: "header", header: "api-key", value: "{api_key}" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "contacts/lists?limit=1&offset=0"), "reads lists");
  },
  // developers.brevo.com/reference/get-account; that the id outlives keys and plans is unverified.
  account: (ctx) => said(api.get(ctx, "account"), (body) => body?.organization_id),
  objects: { contact, list },
});
