import type { Change, Exchange, Context, Outcome } from "millrace/destination";
import { accepted, anyValue, defineObject, grouped, number, rowByRow, text, timestamp } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { type AnyIdentifier, anyIdentifier, attributesOf } from "./attributes.ts";

const eventFields = {
  metric: text({ required: true, describe: "Name of the metric: Placed Order" }),
  time: timestamp({ required: true, describe: "When it happened" }),
  value: number({ describe: "Its worth" }),
  value_currency: text({ describe: "Currency of the worth, ISO 4217" }),
  unique_id: text({ describe: "An event of the same id is the same; default: an id of the row" }),
};

function eventOf(change: Change): object {
  const { metric: name, ...fields } = change.fields;
  const { own, properties = {} } = grouped(fields, (field) => [field in eventFields ? "own" : "properties", field]);
  const metric = { data: { type: "metric", attributes: { name } } };
  const profile = { data: { type: "profile", attributes: attributesOf({ ...change, fields: {} }) } };
  const attributes = { unique_id: change.idempotencyKey, ...own, properties, metric, profile };
  return { type: "event", attributes };
}

/** 202 says that the event was found right (spec, create_event). */
function* sendEvent(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const response = yield* api.post(ctx, "events", { data: eventOf(change) });
  return response.status === 202 ? accepted() : api.broken(response);
}

/** Events of Klaviyo's profiles. */
export const event = defineObject<Config, AnyIdentifier>({
  describe: "An event of a profile, which is made when absent",
  kind: "event",
  ops: ["add"],
  // Klaviyo drops an event whose unique_id it has; for how long is not said: 30 days (unverified).
  delivery: "keyed",
  windowMs: 30 * 86_400_000,
  identify: "any",
  identifiers: anyIdentifier,
  fields: eventFields,
  openFields: anyValue({ describe: "Property of the event" }),
  // 1,000 events and 5 MB a job; steady 3,500 single events a minute (spec, bulk_create_events and create_event).
  limits: { rows: 1000, bytes: 5_000_000, rate: { requests: 58, perSeconds: 1 } },
  // One by one, since a job of events tells nothing of any.
  deliver: (batch, ctx) => rowByRow(batch, (change) => sendEvent(change, ctx)),
});
