/** Conversions, by click or by person. */
import type { Change } from "millrace/destination";
import { consentOf, customerMatch, defineObject, exact, number, oneOf, only, skipped } from "millrace/destination";
import { stop, text, timestamp } from "millrace/destination";
import { type Config, day, rate } from "./api.ts";
import { person, personOf, word } from "./person.ts";
import { settle } from "./request.ts";

const clicks = { gclid: exact("Click id"), gbraid: exact("Click id, iOS app"), wbraid: exact("Click id, iOS web") };
const eventFields = {
  transaction_id: text({ describe: "Id of the order", required: true }),
  event_timestamp: timestamp({ describe: "When it happened", required: true }),
  event_source: oneOf(["WEB", "APP", "IN_STORE", "PHONE", "MESSAGE", "OTHER"]),
  conversion_value: number({ describe: "Value of the conversion" }),
  currency: text({ describe: "ISO 4217, three capitals", max: 3 }),
};
/** `transaction_id` -> `transactionId`. */
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const eventNames = new Map(Object.keys(eventFields).map((field) => [field, camel(field)]));

function eventOf(change: Change): object {
  const { gclid, gbraid, wbraid } = change.identifiers;
  const ids = Object.entries({ gclid, gbraid, wbraid }).filter(([, id]) => id !== undefined);
  const own = [...eventNames].map(([field, name]) => [name, change.fields[field] ?? null]);
  return {
    ...Object.fromEntries(own.filter(([, value]) => value !== null)),
    ...(ids.length > 0 && { adIdentifiers: Object.fromEntries(ids) }),
    ...personOf(change),
  };
}

export const event = defineObject<Config, keyof typeof customerMatch.identifiers | keyof typeof clicks>({
  describe: "A conversion; the sync's `remote: { id }` is its conversion action",
  kind: "event",
  ops: ["add"],
  // A transactionId counts once at a conversion action (facts A5). No end of that is named; a week is well within.
  delivery: "keyed",
  windowMs: 7 * day,
  identify: "any",
  identifiers: { ...customerMatch.identifiers, ...clicks },
  fields: { ...eventFields, ...person },
  // devguides/limits: events a request.
  limits: { rows: 2000, rate },
  lateMs: day,
  *ensure({ remoteConfig: { id } }) {
    return id === undefined ? stop("target", "no conversion action", "set remote: { id }") : { id: String(id) };
  },
  deliver(batch, ctx) {
    const oldest = ctx.asOf - ctx.config.max_age_days * day;
    return only(
      batch,
      ({ fields }) => (Date.parse(String(fields["event_timestamp"])) < oldest ? skipped("too_old") : undefined),
      (young) =>
        settle(young, ctx, "events:ingest", (some) => ({ events: some.map(eventOf), ...consentOf(ctx.config, word) })),
    );
  },
});
