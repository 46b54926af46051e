import type { Change } from "millrace/destination";
import { anyValue, defineObject, digest, text, timestamp } from "millrace/destination";
import { type Config, limits } from "./api.ts";
import { itemHead, sendBatch } from "./batch.ts";
import { identifiers, type Kind } from "./identity.ts";

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The ULID Customer.io tells events apart by: their time in milliseconds, and 80 bits of what a repeat repeats. */
function ulid(at: number, key: string): string {
  const bits = (BigInt(Math.max(0, at)) << 80n) | BigInt(`0x${digest("sha256", key).slice(0, 20)}`);
  const digitAt = (place: number): string => crockford[Number((bits >> BigInt(5 * (25 - place))) & 31n)] ?? "";
  return Array.from({ length: 26 }, (_, place) => digitAt(place)).join("");
}

function eventOf(change: Change): object {
  const { name, time, id, ...attributes } = change.fields;
  const at = Date.parse(String(time));
  const key = ulid(at, String(id ?? change.idempotencyKey));
  return { ...itemHead(change, "event"), id: key, name, timestamp: Math.floor(at / 1000), attributes };
}

/** Events of people. */
export const event = defineObject<Config, Kind>({
  describe: "An event of a person",
  kind: "event",
  ops: ["add"],
  // Told apart by their ULID (spec, person_event); for how long is not said: a day (unverified).
  delivery: "keyed",
  windowMs: 24 * 3_600_000,
  identify: "any",
  identifiers,
  fields: { name: text({ required: true }), time: timestamp({ required: true }), id: text() },
  openFields: anyValue({ describe: "Attribute of the event" }),
  limits,
  deliver: (batch, ctx) => sendBatch(batch, ctx, eventOf),
});
