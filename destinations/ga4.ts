/**
 * Events for Google Analytics 4 by the Measurement Protocol. It answers 2xx whatever becomes of an event, so what it would
 * drop is refused before: by its published limits here, and by its validation server.
 */
import type { Batch, Change, Context, Exchange, Json, Outcome } from "millrace/destination";
import { anyValue, customerMatch, defineDestination, defineObject, deferred, exact } from "millrace/destination";
import { jsonApi, networkSettings, only, rejected, skipped, text, timestamp, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  stream: z.string().min(1).describe("Measurement id of a web stream, G-…, or Firebase app id of an app stream."),
  region: z.enum(["global", "eu"]).default("global").describe("eu: events are collected in the European Union."),
  validate: z.boolean().default(true).describe("Ask GA4's validation server before sending: one more request."),
  ...customerMatch.consentSettings,
  max_age_hours: z.int().min(1).default(72).describe("Older events are skipped as too old."),
  value_length: z.int().min(1).default(100).describe("Longest text of a parameter: 100, in Analytics 360 500."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://region1.google-analytics.com" : "https://www.google-analytics.com"),
});
const isWeb = ({ stream }: Config): boolean => stream.startsWith("G-");
const collect = (config: Config): string =>
  `mp/collect?${isWeb(config) ? "measurement_id" : "firebase_app_id"}=${encodeURIComponent(config.stream)}`;

const fields = {
  name: text({ describe: "Name of the event", required: true, max: 40 }),
  timestamp: timestamp({ describe: "When it happened; without it, now" }),
  ...customerMatch.consent,
};
const userProperty = "user_properties.";
type Values = Record<string, Json>;

/** Fields that are not ours: parameters of the event, and properties of its user. */
function contentOf(change: Change): { readonly params: Values; readonly properties: Values } {
  const params: Values = {};
  const properties: Values = {};
  for (const [name, value] of Object.entries(change.fields)) {
    if (value === null || name in fields) continue;
    if (name.startsWith(userProperty)) properties[name.slice(userProperty.length)] = value;
    else params[name] = value;
  }
  return { params, properties };
}

/** support.google.com/analytics/answer/9267744: longer than the other parameters. */
const longTexts: ReadonlyMap<string, number> = new Map([
  ["page_location", 1000],
  ["page_referrer", 420],
  ["page_title", 300],
]);

/** Names and texts that GA4 would drop, as the page above states the limits. */
function tooMuch(values: Values, what: string, nameLength: number, textLength: (name: string) => number) {
  const names = Object.keys(values);
  if (names.length > 25) return `more than 25 ${what}`;
  const name = names.find((one) => one.length > nameLength);
  if (name !== undefined) return `${name}: a name longer than ${nameLength} characters`;
  const long = names.find((one) => {
    const value = values[one];
    return typeof value === "string" && value.length > textLength(one);
  });
  return long === undefined ? undefined : `${long}: longer than ${textLength(long)} characters`;
}

/** Why GA4 would drop an event without a word. */
function refusalOf(change: Change, { config, asOf }: Context<Config>): Outcome | undefined {
  const needed = isWeb(config) ? "client_id" : "app_instance_id";
  if (change.identifiers[needed] === undefined) return rejected("missing_identifier", `the event has no ${needed}`);
  const at = Date.parse(String(change.fields["timestamp"]));
  if (at < asOf - config.max_age_hours * 3_600_000) return skipped("too_old");
  const { params, properties } = contentOf(change);
  const wrong =
    tooMuch(params, "parameters", 40, (name) => longTexts.get(name) ?? config.value_length) ??
    tooMuch(properties, "user properties", 24, () => 36);
  return wrong === undefined ? undefined : rejected("invalid_field", wrong);
}

/** What the events of one request have in common. */
function envelopeOf(change: Change, config: Config): object {
  const { ad_user_data = config.ad_user_data, ad_personalization = config.ad_personalization } = change.fields;
  const consent = Object.entries({ ad_user_data, ad_personalization }).filter(([, said]) => typeof said === "string");
  const properties = Object.entries(contentOf(change).properties).map(([name, value]) => [name, { value }]);
  return {
    ...change.identifiers,
    ...(consent.length > 0 && { consent: Object.fromEntries(consent) }),
    ...(properties.length > 0 && { user_properties: Object.fromEntries(properties) }),
  };
}

function eventOf(change: Change): object {
  const { name, timestamp: at } = change.fields;
  const { params } = contentOf(change);
  // Each event has a time of its own (.../protocol/ga4/sending-events).
  return { name, ...(typeof at === "string" && { timestamp_micros: Date.parse(at) * 1000 }), params };
}

/** Sends events of one envelope, once the validation server has nothing against them. */
function* send(changes: readonly Change[], ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const [first, ...others] = changes;
  if (first === undefined) return [];
  const body = { ...envelopeOf(first, ctx.config), events: changes.map(eventOf) };
  if (ctx.config.validate) {
    const response = yield* api.post(ctx, `debug/${collect(ctx.config)}`, body, { harmless: true });
    const judged = api.outcome(response);
    if (judged.status === "rejected") return changes.map(() => judged);
    const messages: unknown = response.body?.validationMessages;
    // Until here nothing was sent: an answer that says nothing leaves no doubt.
    if (judged.status !== "accepted" || !Array.isArray(messages))
      return changes.map(() => deferred("the validation server gave no answer"));
    // Messages name no row for sure: one by one they speak of it alone.
    if (messages.length > 0 && others.length > 0)
      return [...(yield* send([first], ctx)), ...(yield* send(others, ctx))];
    const code: unknown = messages[0]?.validationCode;
    if (messages.length > 0) return [rejected(String(code ?? "invalid"), String(messages[0]?.description))];
  }
  const fate = api.outcome(yield* api.post(ctx, collect(ctx.config), body));
  return changes.map(() => fate);
}

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const alike = new Map<string, Change[]>();
  for (const change of batch.changes) {
    const envelope = JSON.stringify(envelopeOf(change, ctx.config));
    const some = alike.get(envelope);
    if (some === undefined) alike.set(envelope, [change]);
    else some.push(change);
  }
  const outcomes = new Map<Change, Outcome>();
  for (const changes of alike.values()) {
    const fates = yield* send(changes, ctx);
    for (const [index, change] of changes.entries()) outcomes.set(change, fates[index] ?? unknown("no outcome"));
  }
  return batch.changes.map((change) => outcomes.get(change) ?? unknown("no outcome"));
}

const event = defineObject<Config, "client_id" | "app_instance_id" | "user_id">({
  describe: "An event; fields are its parameters, `user_properties.NAME` those of its user",
  kind: "event",
  ops: ["add"],
  // Only purchases are known again, by transaction_id (facts A6).
  delivery: "once",
  identify: "any",
  identifiers: {
    client_id: exact("Client id of the web stream"),
    app_instance_id: exact("Instance id of the app stream"),
    user_id: exact("Our own id of a signed-in user"),
  },
  fields,
  openFields: anyValue({ describe: "A parameter" }),
  // Facts A6: 25 events and 130 KB a request; the envelope has its share of that.
  limits: { rows: 25, bytes: 120_000 },
  deliver: (batch, ctx) =>
    only(
      batch,
      (change) => refusalOf(change, ctx),
      (rest) => deliver(rest, ctx),
    ),
});

export default defineDestination<Config>({
  name: "ga4",
  describe: "Events for Google Analytics 4 (Measurement Protocol).",
  docs: "https://developers.google.com/analytics/devguides/collection/protocol/ga4",
  guide: {
    credentials:
      "Make a secret under Admin, Data streams, the stream, Measurement Protocol API secrets. GA4 tells nobody when it is wrong: look for the first events in Realtime.",
    refused:
      "What GA4's limits or its validation server say no to is refused before sending; an event that was sent is never told of again.",
    erasure: "GA4's User Deletion API or its user explorer, by client or user id; millrace does not call it.",
  },
  config: settings,
  credentials: z.strictObject({ api_secret: z.string().describe("Measurement Protocol API secret of the stream.") }),
  auth: {
    type: "custom",
    headers: () => ({}),
    query: ({ api_secret }): Record<string, string> => (typeof api_secret === "string" ? { api_secret } : {}),
  },
  effects: ["http"],
  hosts: api.hosts,
  *check({ config }) {
    const response = yield* api.post({ config }, `debug/${collect(config)}`, {
      client_id: "millrace",
      events: [{ name: "check" }],
    });
    return api.finding(
      response,
      "reaches the validation server; whether api_secret and stream are right, GA4 does not say",
    );
  },
  objects: { event },
});
