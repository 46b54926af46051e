/**
 * Klaviyo, e-mail and SMS marketing: profiles, lists and events. `klaviyo/api.ts` is how one talks to it; `profile.ts`, `list.ts`
 * and `event.ts` are what can be sent; profiles are written alone (`profiles.ts`) or as a job (`import-job.ts`).
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./klaviyo/api.ts";
import { event } from "./klaviyo/event.ts";
import { list } from "./klaviyo/list.ts";
import { profile } from "./klaviyo/profile.ts";

export default defineDestination<Config>({
  name: "klaviyo",
  describe: "Klaviyo profiles, lists and events.",
  docs: "https://developers.klaviyo.com/en/reference/api_overview",
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("Private key, pk_…, for what is written.") }),
  guide: {
    credentials:
      "Settings, API keys: make a private key with full access to profiles and lists, and to events if sent; with read access to accounts (accounts:read) Klaviyo says whose account it opens.",
    refused: "Refused profiles are named, from jobs too; a phone that Klaviyo does not believe costs only the phone.",
    erasure: "A data privacy deletion job for the e-mail: Klaviyo deletes the profile and everything it holds of it.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: { type: "header", header: "authorization", value: "Klaviyo-API-Key {api_key}" },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists?page[size]=1"), "reads lists");
  },
  // A key opens one account; 15 questions a minute, a run asks one (developers.klaviyo.com/en/reference/get_accounts).
  account: (ctx) => said(api.get(ctx, "accounts"), (body) => body?.data?.[0]?.id),
  objects: { profile, list, event },
});
