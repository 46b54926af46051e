/** How one talks to Meta's Graph API: the settings, and what its answers and error codes mean. */
import type { HttpResponse } from "millrace/destination";
import { deferred, jsonApi, networkSettings, stop, unknown } from "millrace/destination";
import { z } from "zod";

const accountId = /^act_\d+$/;
const origins = ["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"] as const;

/** The `config:` block. */
export const settings = z.strictObject({
  ad_account: z.string().regex(accountId, "an ad account id is act_ and digits").describe("Ad account, act_…."),
  api_version: z.string().startsWith("v").default("v25.0").describe("Version of the Graph API."),
  customer_file_source: z
    .enum(origins)
    .default(origins[0])
    .describe("Where the people's data comes from, as Meta asks."),
  audience_writes: z
    .enum(["changes", "replace"])
    .default("changes")
    .describe(
      "What an audience is sent: who joined and who left, or, whenever that is anybody, everybody who is wanted, in one session that replaces the whole audience, also those whom others added; it does not reset the learning phase of ad sets, as changes do. Only in mode mirror with on_leave: remove; elsewhere changes are sent.",
    ),
  event_days: z.int().min(1).default(7).describe("Older events are skipped: 7 days; Meta takes 62 from shops."),
  test_event_code: z.string().optional().describe("Shows events under Test events instead of counting them."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** Throttling that comes as HTTP 400: application, user and custom-audience limits (facts A1). */
const throttled = new Set([4, 17, 32, 341, 613, 80003]);
/** Errors of Meta's own side, worth another try. */
const passing = new Set([1, 2, 5000]);

/** What kind of failure an answer is, by Meta's code; undefined: none that another try or token could mend. */
export function classify({ body }: HttpResponse): "auth" | "throttled" | "retry" | undefined {
  const { code, is_transient: passes } = Object(body?.error);
  if (code === 190 || code === 102) return "auth";
  if (throttled.has(code)) return "throttled";
  return passing.has(code) || passes === true ? "retry" : undefined;
}

/** The Graph API; a refusal carries `meta_<code>` and Meta's words. */
export const api = jsonApi<Config>({
  base: ({ api_version }) => `https://graph.facebook.com/${api_version}`,
  fault: ({ body }) =>
    body?.error && { code: `meta_${body.error.code}`, message: body.error.error_user_msg ?? body.error.message },
  judge(response, fault) {
    const { code, error_subcode: subcode } = Object(response.body?.error);
    const words = String(fault?.message);
    switch (classify(response)) {
      case "auth":
        return stop("credentials", words, "renew access_token");
      case "throttled":
        return deferred(words);
      case "retry":
        return unknown(words);
      case undefined:
        break;
    }
    if (subcode === 1870090) return stop("permission", "custom audience terms not accepted", "accept them at Meta");
    if (code === 10 || (code >= 200 && code <= 299)) return stop("permission", words, "the token needs ads_management");
    if (code === 100 && subcode === 33) return stop("target_gone", words);
    if (subcode === 1713230) return stop("target_refused", "Meta flagged the audience", "see Audience Manager");
    // Another update of the audience is in progress (facts A1).
    return code === 2650 && subcode === 1870145 ? deferred(words) : undefined;
  },
});
