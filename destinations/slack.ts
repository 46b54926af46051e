/**
 * Messages in Slack: one per row, sent once. With a bot token through chat.postMessage, which answers HTTP 200 whatever it
 * did; or through an incoming webhook, whose address is the secret.
 *
 * How it is talked to stands in ./slack/api.ts, the message in ./slack/message.ts.
 */
import { defineDestination, post } from "millrace/destination";
import { z } from "zod";
import { classify, type Config, errorOf, settings, urlOf } from "./slack/api.ts";
import { message } from "./slack/message.ts";

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
  classify,
  *check({ config }) {
    if (config.by === "webhook") return [{ ok: true, message: "a webhook cannot be tried without a message" }];
    const response = yield* post(urlOf(config, "api/auth.test"));
    const ok = response.body?.ok === true;
    return [
      { ok, message: ok ? "the token is good" : `Slack answered ${errorOf(response) ?? `HTTP ${response.status}`}` },
    ];
  },
  objects: { message },
});
