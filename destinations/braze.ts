/**
 * Braze, customer engagement: users and custom events. It has no lists: a segment is an attribute of its users. `braze/api.ts`
 * is how one talks to it, `identity.ts` whom a row means, `track.ts` the call that takes both; `user.ts` and `event.ts` are
 * what can be sent.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./braze/api.ts";
import { event } from "./braze/event.ts";
import { user } from "./braze/user.ts";

export default defineDestination<Config>({
  name: "braze",
  describe: "Braze users and custom events.",
  docs: "https://www.braze.com/docs/api/endpoints/user_data",
  guide: {
    credentials:
      "Settings, APIs and Identifiers: make a REST API key with users.track, and users.delete where people who leave are deleted; the endpoint is that of your instance.",
    refused:
      "Braze names the rows it did not take and takes the others; a request that it refuses whole is halved until the rows it is refused for are found.",
    erasure:
      "/users/delete removes the profile for good, as on_leave: delete does; Braze has no lists, so a segment is an attribute: on_leave: { set: { vip: false } }.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("REST API key with users.track and users.delete.") }),
  auth: { type: "bearer", secret: "api_key" },
  effects: ["http"],
  hosts: api.hosts,
  // Writes nothing: nobody has this id, and only existing users are updated.
  *check(ctx) {
    const attributes = [{ external_id: "millrace-check", _update_existing_only: true }];
    return api.finding(yield* api.post(ctx, "users/track", { attributes }), "writes users (users.track)");
  },
  objects: { user, event },
});
