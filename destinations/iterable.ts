/**
 * Iterable, cross-channel marketing: users, static lists and events. `iterable/api.ts` is how one talks to it, `identity.ts`
 * what a project knows people by, `bulk.ts` the calls that take many rows; `user.ts`, `list.ts` and `event.ts` are what can be
 * sent.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, type Config, isThrottled, settings } from "./iterable/api.ts";
import { event } from "./iterable/event.ts";
import { list } from "./iterable/list.ts";
import { user } from "./iterable/user.ts";

export default defineDestination<Config>({
  name: "iterable",
  describe: "Iterable users, lists and events.",
  docs: "https://api.iterable.com/api/docs",
  guide: {
    credentials: "Integrations, API keys: make a server-side key of the project, and say how the project knows people.",
    refused: "Iterable names the people it did not take and why, and takes the others.",
    erasure:
      "on_leave: delete deletes the user, who can come back. POST /users/forget erases and keeps the e-mail or user id from being made again.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("Server-side API key.") }),
  auth: { type: "header", header: "api-key", value: "{api_key}" },
  effects: ["http"],
  hosts: api.hosts,
  classify: (response) => (isThrottled(response) ? "throttled" : undefined),
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists"), "reads lists");
  },
  objects: { user, list, event },
});
