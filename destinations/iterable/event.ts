import type { Change, Context } from "millrace/destination";
import { anyValue, defineObject, text, timestamp } from "millrace/destination";
import type { Config } from "./api.ts";
import { configure, limits, sendAll } from "./bulk.ts";
import { identifiers, keyOf, type Kind, knownOnly } from "./identity.ts";

/** Under its id: an event of an id that is there is overwritten. Times in seconds. */
function eventOf(change: Change, ctx: Context<Config>): object {
  const { name: eventName, time, id, ...dataFields } = change.fields;
  const createdAt = Math.floor(Date.parse(String(time)) / 1000);
  return { ...keyOf(change, ctx), eventName, createdAt, id: id ?? change.idempotencyKey, dataFields };
}

/** Custom events of users. */
export const event = defineObject<Config, Kind>({
  describe: "A custom event of a user",
  kind: "event",
  ops: ["add"],
  // An event of an id that is there is overwritten, for good: a month is longer than any repeat comes late.
  delivery: "keyed",
  windowMs: 30 * 86_400_000,
  identify: "any",
  identifiers,
  fields: { name: text({ required: true }), time: timestamp({ required: true }), id: text({ max: 512 }) },
  openFields: anyValue({ describe: "Field of the event" }),
  limits,
  configure,
  deliver: knownOnly((batch, ctx) =>
    sendAll(batch, ctx, { path: "events/trackBulk", rows: "events", itemOf: eventOf }),
  ),
});
