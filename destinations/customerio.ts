/**
 * Customer.io by its Track API: people, manual segments and events. An answer says that a change was queued: whether a person
 * took it is never told. `customerio/api.ts` is how one talks to it, `identity.ts` whom a row means, `batch.ts` how people and
 * events travel; `person.ts`, `segment.ts` and `event.ts` are what can be sent.
 */
import { basicAuth, defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./customerio/api.ts";
import { event } from "./customerio/event.ts";
import { person } from "./customerio/person.ts";
import { segment } from "./customerio/segment.ts";

export default defineDestination<Config>({
  name: "customerio",
  describe: "Customer.io people, manual segments and events.",
  docs: "https://docs.customer.io/integrations/api/track/",
  guide: {
    credentials: "Settings, Account settings, API credentials: the site id and the Track API key of the workspace.",
    refused:
      "A batch names the rows it did not take and takes the others. What it took is queued: no answer says more.",
    erasure:
      "on_leave: delete deletes the person, whom a later call can bring back. POST /api/v1/customers/…/suppress erases and keeps the id from coming back.",
  },
  config: settings,
  credentials: z.strictObject({
    site_id: z.string().describe("Site id of the workspace."),
    api_key: z.string().describe("Track API key."),
  }),
  auth: basicAuth("{site_id}", "{api_key}"),
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    const response = yield* api.get(ctx, "api/v1/accounts/region");
    const [finding] = api.finding(response, "reads the account's region");
    const region = response.body?.region;
    const elsewhere = (region === "us" || region === "eu") && region !== ctx.config.region;
    return [elsewhere ? { ok: false, message: `the account is in another region: set region: ${region}` } : finding];
  },
  // spec, getRegion: the workspace that the credentials are valid for.
  account: (ctx) => said(api.get(ctx, "api/v1/accounts/region"), (body) => body?.environment_id),
  objects: { person, segment, event },
});
