/** How one talks to Slack, by a bot's token or by an incoming webhook, and what its words of refusal mean. */
import type { HttpResponse, Outcome } from "millrace/destination";
import { accepted, apiBase, byStatus, deferred, networkSettings, rejected, stop, unknown } from "millrace/destination";
import { z } from "zod";

/** The `config:` block. */
export const settings = z.strictObject({
  channel: z.string().min(1).optional().describe("Where messages go unless a row names its channel; C123 or #name."),
  by: z
    .enum(["bot", "webhook"])
    .default("bot")
    .describe("bot: chat.postMessage with a token; webhook: an incoming webhook, which has its channel."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

const vendor = ({ by }: Config): string => (by === "bot" ? "https://slack.com" : "https://hooks.slack.com");

/** Address of a path at Slack, or of what stands in for it. */
export const urlOf = (config: Config, path: string): string => `${apiBase(config, vendor(config))}/${path}`;

// Slack's words: https://docs.slack.dev/reference/methods/chat.postMessage, "Errors".
const noPermission = new Set([
  "missing_scope",
  "not_in_channel",
  "restricted_action",
  "no_permission",
  "ekm_access_denied",
]);
const noTarget = new Set(["channel_not_found", "is_archived", "no_service", "channel_is_archived", "no_active_hooks"]);
const badToken = new Set([
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

/** Slack's word for what went wrong; undefined where the answer has none. */
export const errorOf = (response: HttpResponse): string | undefined => {
  const { body } = response;
  if (typeof body?.error === "string") return body.error;
  return body === undefined || typeof body === "string" ? wordsOf(response) : undefined;
};

/** The fate of a message; `own`: the row named its channel, so that a channel which is not there is the row's matter. */
export function judge(response: HttpResponse, by: Config["by"], own: boolean): Outcome {
  const good = by === "bot" ? response.body?.ok === true : response.status === 200 && wordsOf(response) === "ok";
  if (good) return accepted(typeof response.body?.ts === "string" ? response.body.ts : undefined);
  const error = errorOf(response);
  if (error === undefined || response.status >= 500) {
    const found = byStatus(response);
    return found.status === "accepted" ? unknown("broken answer: neither ok nor an error") : found;
  }
  if (busy.has(error)) return deferred(error);
  if (noPermission.has(error) && !own)
    return stop(
      "permission",
      `Slack refused permission: ${error}`,
      "the bot needs chat:write and to be in the channel",
    );
  if (noTarget.has(error) && !own) return stop("target_gone", `the channel or webhook is gone: ${error}`);
  // A page of a proxy, or a word that says Slack itself stumbled: the message may be there.
  if (!/^[a-z_]{2,60}$/.test(error) || ["internal_error", "fatal_error", "rollup_error"].includes(error))
    return response.status < 300 || response.status >= 500 ? unknown("broken answer") : byStatus(response, error);
  return rejected(error, error);
}

/** What kind of failure an answer is, by Slack's word; undefined: none that another try or token could mend. */
export function classify(response: HttpResponse): "auth" | "throttled" | undefined {
  const error = errorOf(response) ?? "";
  if (badToken.has(error)) return "auth";
  return busy.has(error) && response.status < 500 ? "throttled" : undefined;
}
