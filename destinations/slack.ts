/**
 * Messages in Slack: one per row, sent once. With a bot token through chat.postMessage, which answers HTTP 200 whatever it
 * did; or through an incoming webhook, whose address is the secret.
 */
import type { Batch, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import {
  accepted,
  all,
  anyValue,
  byStatus,
  deferred,
  defineDestination,
  defineObject,
  type Field,
} from "millrace/destination";
import { apiBase, networkSettings, post, rejected, stop, text, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  channel: z.string().min(1).optional().describe("Where messages go unless a row names its channel; C123 or #name."),
  by: z
    .enum(["bot", "webhook"])
    .default("bot")
    .describe("bot: chat.postMessage with a token; webhook: an incoming webhook, which has its channel."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const vendor = ({ by }: Config): string => (by === "bot" ? "https://slack.com" : "https://hooks.slack.com");
const urlOf = (config: Config, path: string): string => `${apiBase(config, vendor(config))}/${path}`;

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

/** https://docs.slack.dev/reference/methods/chat.postMessage, "Errors". */
const permission = new Set([
  "missing_scope",
  "not_in_channel",
  "restricted_action",
  "no_permission",
  "ekm_access_denied",
]);
const target = new Set(["channel_not_found", "is_archived", "no_service", "channel_is_archived", "no_active_hooks"]);
const auth = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "invalid_token",
]);
const busy = new Set(["ratelimited", "rate_limited", "service_unavailable", "message_limit_exceeded"]);

/** An incoming webhook answers in plain words. */
const wordsOf = ({ body, text: words }: HttpResponse): string => (typeof body === "string" ? body : words).trim();
const errorOf = (response: HttpResponse): string | undefined => {
  const { body } = response;
  if (typeof body?.error === "string") return body.error;
  return body === undefined || typeof body === "string" ? wordsOf(response) : undefined;
};

/** `own`: the row named its channel, so that a channel which is not there is the row's matter. */
function judge(response: HttpResponse, by: Config["by"], own: boolean): Outcome {
  const good = by === "bot" ? response.body?.ok === true : response.status === 200 && wordsOf(response) === "ok";
  if (good) return accepted(typeof response.body?.ts === "string" ? response.body.ts : undefined);
  const error = errorOf(response);
  if (error === undefined || response.status >= 500) {
    const found = byStatus(response);
    return found.status === "accepted" ? unknown("broken answer: neither ok nor an error") : found;
  }
  if (busy.has(error)) return deferred(error);
  if (permission.has(error) && !own)
    return stop(
      "permission",
      `Slack refused permission: ${error}`,
      "the bot needs chat:write and to be in the channel",
    );
  if (target.has(error) && !own) return stop("target_gone", `the channel or webhook is gone: ${error}`);
  // A page of a proxy, or a word that says Slack itself stumbled: the message may be there.
  if (!/^[a-z_]{2,60}$/.test(error) || ["internal_error", "fatal_error", "rollup_error"].includes(error))
    return response.status < 300 || response.status >= 500 ? unknown("broken answer") : byStatus(response, error);
  return rejected(error, error);
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

export default defineDestination<Config>({
  name: "slack",
  describe: "Messages in Slack.",
  docs: "https://docs.slack.dev/reference/methods/chat.postMessage",
  guide: {
    credentials:
      "A bot token (xoxb-…) of an app with the scope chat:write that is in the channel, or the address of an incoming webhook with `by: webhook`.",
    refused: "By Slack's error words (msg_too_long, invalid_blocks …), each message by itself.",
    erasure: "Delete the messages in Slack; an app may delete its own with chat.delete.",
  },
  config: settings,
  credentials: z.strictObject({
    token: z.string().optional().describe("Bot token, xoxb-…"),
    webhook: z.string().optional().describe("Address of the incoming webhook: https://hooks.slack.com/services/…"),
  }),
  effects: ["http"],
  hosts: (config) => [new URL(urlOf(config, "")).hostname],
  auth: {
    type: "custom",
    headers: ({ token }) => (typeof token === "string" ? { authorization: `Bearer ${token}` } : {}),
    path: ({ webhook }) =>
      typeof webhook === "string" && URL.canParse(webhook) ? new URL(webhook).pathname : undefined,
  },
  classify(response) {
    const error = errorOf(response) ?? "";
    return auth.has(error) ? "auth" : busy.has(error) && response.status < 500 ? "throttled" : undefined;
  },
  *check({ config }) {
    if (config.by === "webhook") return [{ ok: true, message: "a webhook cannot be tried without a message" }];
    const response = yield* post(urlOf(config, "api/auth.test"));
    const ok = response.body?.ok === true;
    return [
      { ok, message: ok ? "the token is good" : `Slack answered ${errorOf(response) ?? `HTTP ${response.status}`}` },
    ];
  },
  objects: {
    message: defineObject<Config, string>({
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
    }),
  },
});
