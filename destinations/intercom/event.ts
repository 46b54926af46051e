import type { Change, Exchange, Outcome } from "millrace/destination";
import { anyValue, defineObject, rejected, rowByRow, text } from "millrace/destination";
import { api, type Config, limits, type Place } from "./api.ts";
import { seconds } from "./attributes.ts";
import { ofUsers } from "./user.ts";

/** An event of nobody that Intercom knows is refused, where a 404 of other calls speaks of their target. */
function* track(ctx: Place, { identifiers, fields }: Change): Exchange<Outcome> {
  const { event_name, created_at, ...metadata } = fields;
  // 10 keys of metadata, further ones Intercom passes over (spec, POST /events).
  if (Object.keys(metadata).length > 10) return rejected("metadata", "more than 10 metadata keys");
  const { external_id: user_id, ...others } = identifiers;
  const who = user_id === undefined ? others : { ...others, user_id };
  const response = yield* api.post(ctx, "events", { event_name, created_at, ...who, metadata });
  return response.status === 404 ? rejected("not_found", api.words(response)) : api.outcome(response);
}

/** `event`: what users did, sent once and for all. */
export const event = defineObject<Config, "email" | "external_id">({
  ...ofUsers,
  describe: "Something a user did",
  kind: "event",
  ops: ["add"],
  // Intercom "may" pass over a second event of the same name and second (spec, POST /events): too little to rely on.
  delivery: "once",
  fields: { event_name: text({ required: true }), created_at: { ...seconds, required: true } },
  openFields: anyValue({ describe: "Metadata of the event" }),
  // One a request, so that what is in doubt is one event.
  limits: { ...limits, rows: 1 },
  deliver: (batch, ctx) => rowByRow(batch, (change) => track(ctx, change)),
});
