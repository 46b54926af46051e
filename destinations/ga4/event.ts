/** Events: those of one user travel together, once the validation server has nothing against them. */
import type { Change, Context, Exchange, Outcome } from "millrace/destination";
import { anyValue, deferred, defineObject, exact, inGroups, only, rejected } from "millrace/destination";
import { api, collect, type Config } from "./api.ts";
import { contentOf, fields, refusalOf } from "./content.ts";

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

export const event = defineObject<Config, "client_id" | "app_instance_id" | "user_id">({
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
      (rest) =>
        inGroups(
          rest,
          (change) => JSON.stringify(envelopeOf(change, ctx.config)),
          (alike) => send(alike.changes, ctx),
        ),
    ),
});
