/** How one talks to LinkedIn's marketing API: the settings, and what its refusals mean. */
import { jsonApi, networkSettings, stop } from "millrace/destination";
import { z } from "zod";

/** The `config:` block. */
export const settings = z.strictObject({
  ad_account: z.string().regex(/^\d+$/, "an ad account id is digits").describe("Id of the ad account."),
  source_platform: z.string().min(1).describe("The sourcePlatform that LinkedIn granted your app."),
  api_version: z
    .string()
    .regex(/^\d{6}$/, "a version is YYYYMM")
    .default("202604")
    .describe("LinkedIn-Version; each lives twelve months."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** The API; every request names its version. */
export const api = jsonApi<Config>({
  base: () => "https://api.linkedin.com/rest",
  headers: ({ api_version }) => ({ "linkedin-version": api_version, "x-restli-protocol-version": "2.0.0" }),
  fault: ({ status, body }) =>
    status >= 400 && typeof body?.message === "string" ? { code: body.code, message: body.message } : undefined,
  judge: ({ status }, fault) =>
    status === 403
      ? stop("permission", fault?.message ?? "HTTP 403", "it takes rw_dmp_segments and a role above viewer")
      : undefined,
});
