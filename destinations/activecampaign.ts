/**
 * ActiveCampaign, marketing automation: contacts, lists and tags. `activecampaign/api.ts` is how one talks to it; contacts are
 * written alone (`contacts.ts`) or by an import (`import-job.ts`); `contact.ts`, `list.ts` and `tag.ts` are what can be sent.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, type Config, isThrottled, settings } from "./activecampaign/api.ts";
import { contact } from "./activecampaign/contact.ts";
import { list } from "./activecampaign/list.ts";
import { tag } from "./activecampaign/tag.ts";

export default defineDestination<Config>({
  name: "activecampaign",
  describe: "ActiveCampaign contacts, lists and tags.",
  docs: "https://developers.activecampaign.com/reference",
  config: settings,
  credentials: z.strictObject({ api_token: z.string().describe("API key of a user, under Settings, Developer.") }),
  guide: {
    credentials: "Settings, Developer: the API key of a user who may manage contacts, lists and tags.",
    refused: "A contact alone is refused in ActiveCampaign's words; imports name whom they refused, without a reason.",
    erasure: "Deleting the contact.",
  },
  effects: ["http", "checkpoint"],
  hosts: api.hosts,
  auth: { type: "header", header: "api-token", value: "{api_token}" },
  classify: (response) => (isThrottled(response) ? "throttled" : undefined),
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists?limit=1"), "reads lists");
  },
  objects: { contact, list, tag },
});
