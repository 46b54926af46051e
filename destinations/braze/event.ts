import type { Change, Context } from "millrace/destination";
import { anyValue, defineObject, text, timestamp } from "millrace/destination";
import type { Config } from "./api.ts";
import { identifiers, type Kind, whoseOf } from "./identity.ts";
import { limits, track } from "./track.ts";

function eventOf(change: Change, ctx: Context<Config>): object {
  const { name, time, ...properties } = change.fields;
  const app = ctx.config.app_id === undefined ? {} : { app_id: ctx.config.app_id };
  return { ...whoseOf(change, ctx), ...app, name, time, properties };
}

/** Custom events of users. */
export const event = defineObject<Config, Kind>({
  describe: "A custom event of a user",
  kind: "event",
  ops: ["add"],
  // Braze knows no id of an event: one sent twice is counted twice. A request it refuses whole counted nothing.
  delivery: "once",
  refusal: "atomic",
  identify: "any",
  identifiers,
  fields: { name: text({ required: true, max: 255 }), time: timestamp({ required: true }) },
  openFields: anyValue({ describe: "Property of the event" }),
  limits,
  deliver: (batch, ctx) => track(batch, ctx, "events", eventOf),
});
