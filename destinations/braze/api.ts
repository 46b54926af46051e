/** How one talks to Braze: the settings of an instance, and how it words a request that it took nothing of. */
import { jsonApi, networkSettings, unknown } from "millrace/destination";
import { z } from "zod";

/** `config:` of a Braze instance. */
export const settings = z.strictObject({
  endpoint: z
    .url({ protocol: /^https$/ })
    .describe("REST endpoint of the instance: https://rest.iad-01.braze.com, https://rest.fra-01.braze.eu …"),
  alias_label: z.string().min(1).default("millrace").describe("Label of the aliases that rows are known by."),
  app_id: z.string().min(1).optional().describe("App identifier that events are counted for."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** Braze's API: any `message` but "success" says that it took nothing of the request. */
export const api = jsonApi<Config>({
  base: ({ endpoint }) => endpoint,
  fault: ({ body }) =>
    typeof body?.message === "string" && body.message !== "success"
      ? { code: "fatal", message: body.message }
      : undefined,
  // While Braze is being maintained it keeps requests for later: "queued" (unverified).
  judge: ({ status }) => (status === 202 ? unknown("Braze has put the request off, not taken it yet") : undefined),
});
