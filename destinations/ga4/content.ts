/** What an event holds, and why GA4 would drop it without a word. */
import type { Change, Context, Json, Outcome } from "millrace/destination";
import { customerMatch, rejected, skipped, text, timestamp } from "millrace/destination";
import { type Config, isWeb } from "./api.ts";

/** Fields that are not parameters of the event. */
export const fields = {
  name: text({ describe: "Name of the event", required: true, max: 40 }),
  timestamp: timestamp({ describe: "When it happened; without it, now" }),
  ...customerMatch.consent,
};

const userProperty = "user_properties.";

type Values = Record<string, Json>;

/** Fields that are not ours: parameters of the event, and properties of its user. */
export function contentOf(change: Change): { readonly params: Values; readonly properties: Values } {
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

/** Names and texts that GA4 would drop, as that page states the limits. */
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
export function refusalOf(change: Change, { config, asOf }: Context<Config>): Outcome | undefined {
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
