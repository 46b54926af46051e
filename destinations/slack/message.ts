/** Messages: one a request, sent once. */
import type { Batch, Context, Exchange, Field, Json, Outcome } from "millrace/destination";
import { all, anyValue, defineObject, post, rejected, text } from "millrace/destination";
import { type Config, judge, urlOf } from "./api.ts";

/** At most 50 blocks (facts D1, unverified: what is longer is refused before sending). */
const blocks: Field = {
  describe: "Blocks of the message: a list, or its JSON as text",
  encode(value) {
    if (value === null) return { value };
    const found: Json | undefined = typeof value === "string" ? parsed(value) : value;
    if (!Array.isArray(found)) return { reject: "not a list of blocks" };
    return found.length > 50 ? { reject: "more than 50 blocks" } : { value: found };
  },
};

function parsed(value: string): Json | undefined {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return undefined;
  }
}

function* deliver(batch: Batch, { config }: Context<Config>): Exchange<readonly Outcome[]> {
  const [change] = batch.changes;
  if (change === undefined) return [];
  const { channel = config.channel, ...message } = change.fields;
  if (config.by === "webhook")
    return all(batch, judge(yield* post(urlOf(config, "webhook"), message), "webhook", false));
  if (typeof channel !== "string") return all(batch, rejected("no_channel", "no channel in the row or the config"));
  const response = yield* post(urlOf(config, "api/chat.postMessage"), { channel, ...message });
  return all(batch, judge(response, "bot", change.fields["channel"] !== undefined));
}

export const message = defineObject<Config, string>({
  describe: "A message, sent once",
  kind: "event",
  ops: ["add"],
  // Slack knows no idempotency key (facts D1).
  delivery: "once",
  refusal: "atomic",
  identify: "key",
  identifiers: {},
  fields: {
    text: text({ max: 40_000, required: true, describe: "The message's text; mappings may be templates" }),
    channel: text({ describe: "The message's own channel" }),
    blocks,
    thread_ts: text({ describe: "The message it answers" }),
    username: text({ describe: "Shown as its sender (scope chat:write.customize)" }),
    icon_emoji: text({ describe: "Shown as its picture: :tada:" }),
  },
  openFields: anyValue({ describe: "Other arguments of chat.postMessage" }),
  // About one message a second and channel (facts D1, unverified).
  limits: { rows: 1, concurrency: 1, rate: { requests: 1, perSeconds: 1 } },
  deliver,
});
