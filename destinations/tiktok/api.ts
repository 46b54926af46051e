/** How one talks to TikTok's Business API: always under HTTP 200, where its own code tells. */
import type { HttpResponse } from "millrace/destination";
import { deferred, jsonApi, networkSettings, stop, unknown } from "millrace/destination";
import { z } from "zod";

/** The `config:` block. */
export const settings = z.strictObject({
  advertiser_id: z.string().regex(/^\d+$/, "an advertiser id is digits").describe("Id of the advertiser account."),
  retention_days: z.int().min(1).max(365).default(365).describe("Days that people stay in a file audience we make."),
  batch_rows: z.int().min(1).max(10_000).default(1000).describe("People of a streamed request."),
  api_version: z.string().startsWith("v").default("v1.3").describe("Version of the Business API."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** TikTok's own code; 0 where all went well or the answer has none. */
export const codeOf = ({ body }: HttpResponse): number => (typeof body?.code === "number" ? body.code : 0);

/** 40100: too fast; 40105: bad token; from 50000: TikTok's own side (facts A7; all codes but 40002 unverified). */
export function kindOf(code: number): "throttled" | "auth" | "retry" | "reject" | undefined {
  if (code === 40100) return "throttled";
  if (code === 40105) return "auth";
  if (code >= 50_000) return "retry";
  return code === 0 ? undefined : "reject";
}

/** The API; a refusal carries `tiktok_<code>` and TikTok's words. */
export const api = jsonApi<Config>({
  base: ({ api_version }) => `https://business-api.tiktok.com/open_api/${api_version}`,
  fault(response) {
    const code = codeOf(response);
    return code === 0
      ? undefined
      : { code: `tiktok_${code}`, message: String(response.body.message ?? `code ${code}`) };
  },
  judge(response, fault) {
    if (response.status < 300 && typeof response.body?.code !== "number") return unknown("broken answer: no code");
    const code = codeOf(response);
    const words = fault?.message ?? "";
    const kind = kindOf(code);
    if (kind === "throttled") return deferred(words);
    if (kind === "retry") return unknown(words);
    if (kind === "auth") return stop("credentials", words, "renew access_token");
    if (code === 40001) return stop("permission", words, "the token needs Audience Management for this advertiser");
    if (/audience.*(not exist|not found|deleted)/i.test(words)) return stop("target_gone", words);
    // Files that would leave fewer than 1,000 people, or come while another is worked off, are no row's fault.
    return /(less|fewer) than 1,?000|unfinished/i.test(words) ? deferred(words) : undefined;
  },
});
