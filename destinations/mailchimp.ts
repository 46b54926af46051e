/**
 * Mailchimp: members of one audience, its static segments, and its tags, which are such too. Nothing here changes the
 * subscription of somebody who is in the audience. `mailchimp/api.ts` is how one talks to it, `make-members.ts` how people get
 * into the audience; `member.ts` and `segment.ts` are what can be sent.
 */
import { basicAuth, defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, audiencePath, type Config, settings } from "./mailchimp/api.ts";
import { member } from "./mailchimp/member.ts";
import { segment, tag } from "./mailchimp/segment.ts";

export default defineDestination<Config>({
  name: "mailchimp",
  describe: "Mailchimp members, segments and tags of one audience.",
  docs: "https://mailchimp.com/developer/marketing/api/",
  guide: {
    credentials:
      "Account, Extras, API keys: make a key; what stands behind its hyphen is the data centre. The audience's id is in its settings.",
    refused:
      "Batches name refused addresses and take the others. Members in a compliance state and forgotten addresses are refused by Mailchimp for good.",
    erasure:
      "on_leave: delete archives, and the address can come back. The action delete-permanent of a member erases for good: the API can never add that address again.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key, ending in its data centre: …-us21.") }),
  auth: basicAuth("millrace", "{api_key}"),
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    const response = yield* api.get(ctx, `${audiencePath(ctx)}?fields=id,name`);
    return api.finding(response, `reads audience ${ctx.config.list_id}`);
  },
  objects: { member, segment, tag },
});
