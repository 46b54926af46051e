/** Events of the Conversions API. */
import type { Batch, Change, Context, Exchange, Json, Outcome } from "millrace/destination";
import { all, anyValue, defineObject, exact, externalId, hashed, oneOf, only } from "millrace/destination";
import { skipped, text, timestamp } from "millrace/destination";
import { z } from "zod";
import { api, type Config } from "./api.ts";
import { contactPoints, person, privacy } from "./person.ts";

const sources = [
  "email",
  "website",
  "app",
  "phone_call",
  "chat",
  "physical_store",
  "system_generated",
  "business_messaging",
  "other",
];
const eventFields = {
  event_name: text({ required: true, describe: "Purchase, Lead, or a name of your own" }),
  event_time: timestamp({ required: true, describe: "When it happened" }),
  event_id: text({ describe: "The same as in the browser, for events sent from both; default: an id of the row" }),
  action_source: oneOf(sources, { required: true }),
  event_source_url: text({ describe: "Page of a website event" }),
  ...privacy,
};
const userFields = {
  ...person,
  zp: hashed.zip(),
  ge: hashed.gender(),
  db: hashed.birthDate(),
  client_ip_address: text({ describe: "IP address" }),
  client_user_agent: text({ describe: "Browser" }),
};

/** Identifiers that Meta calls otherwise in an event. */
const userKeys: Readonly<Record<string, string>> = { email: "em", phone: "ph" };

const secondsOf = ({ fields }: Change): number => Math.floor(Date.parse(String(fields["event_time"])) / 1000);

/** What is neither the event's nor the user's is custom data. */
function eventOf(change: Change): object {
  const event: Record<string, Json> = { event_id: change.idempotencyKey };
  const user: Record<string, Json> = {};
  const custom: Record<string, Json> = {};
  for (const [kind, value] of Object.entries(change.identifiers)) user[userKeys[kind] ?? kind] = value;
  for (const [name, value] of Object.entries(change.fields)) {
    const part = name in eventFields ? event : name in userFields ? user : custom;
    part[name] = value;
  }
  return { ...event, event_time: secondsOf(change), user_data: user, custom_data: custom };
}

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { event_days, test_event_code } = ctx.config;
  const oldest = ctx.asOf / 1000 - event_days * 86_400;
  const old = (change: Change) => (secondsOf(change) < oldest ? skipped("too_old") : undefined);
  return yield* only(batch, old, function* (rest) {
    const data = rest.changes.map(eventOf);
    const response = yield* api.post(ctx, `${ctx.remote.id}/events`, { data, test_event_code });
    // "Event too old": one such event refuses the whole request, which is halved until it stands alone (facts A2).
    if (response.body?.error?.error_subcode === 2804003 && data.length === 1) return all(rest, skipped("too_old"));
    return all(rest, response.body?.events_received === data.length ? api.outcome(response) : api.broken(response));
  });
}

export const event = defineObject<Config, "email" | "phone" | "external_id" | "madid" | "fbc" | "fbp">({
  describe: "An event of the Conversions API",
  kind: "event",
  ops: ["add"],
  // Meta drops an event whose name and id it has had within 48 h (facts A2, unverified).
  delivery: "keyed",
  windowMs: 48 * 3_600_000,
  identify: "any",
  identifiers: {
    ...contactPoints,
    fbc: exact("Click id, _fbc"),
    fbp: exact("Browser id, _fbp"),
    external_id: { ...externalId(), hash: "sha256" },
  },
  fields: { ...eventFields, ...userFields },
  openFields: anyValue({ describe: "Custom data: value, currency, order_id, contents …" }),
  remote: z.object({ id: z.string().describe("Id of the dataset (pixel).") }),
  // 1,000 events a request (facts A2).
  limits: { rows: 1000 },
  deliver,
});
