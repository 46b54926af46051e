/**
 * Twilio SendGrid Marketing: contacts, and being in a list. Everything is a job: a 202 only says that it was queued, so jobs
 * are polled to their end (`sendgrid/contact-job.ts`). `api.ts` is how one talks to it, `contact-fields.ts` how a row becomes a
 * contact; `contact.ts` and `list.ts` are what can be sent.
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./sendgrid/api.ts";
import { contact } from "./sendgrid/contact.ts";
import { list } from "./sendgrid/list.ts";

export default defineDestination<Config>({
  name: "sendgrid",
  describe: "Twilio SendGrid Marketing: contacts and lists.",
  docs: "https://www.twilio.com/docs/sendgrid/api-reference/contacts",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key, SG.…: Marketing, full access.") }),
  guide: {
    credentials:
      "Settings, API Keys: make a key with restricted access to Marketing, full; with user.username.read (User Account, read) SendGrid says whose account it opens.",
    refused:
      "A job names the contacts it refused, and why, in a file (its hosts and columns are unverified). Where that cannot be read or names another number of them, the job is halved until they are alone.",
    erasure: "Deleting the contact, a job that is polled to its end; a former e-mail is a contact of its own.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  // Unverified. Uploads go to such a host (github.com/sendgrid/sendgrid-php/issues/1084); the EU's store is a guess.
  downloads: ["*.s3.us-west-2.amazonaws.com", "*.s3.eu-central-1.amazonaws.com", "*.s3.amazonaws.com"],
  auth: { type: "bearer", secret: "api_key" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "marketing/lists?page_size=1"), "reads lists");
  },
  // Spelt in both ways (twilio.com/docs/sendgrid/api-reference/users-api, Retrieve your username).
  account: (ctx) => said(api.get(ctx, "user/username"), (body) => body?.user_id ?? body?.userId),
  objects: { contact, list },
});
