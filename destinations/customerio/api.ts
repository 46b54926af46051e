/** How one talks to Customer.io's Track API: the settings of a workspace, and how it words an error. */
import type { HttpResponse } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of a Customer.io workspace. */
export const settings = z.strictObject({
  region: z.enum(["us", "eu"]).default("us").describe("Region of the account."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** Code and words of an error as v2 names it: `{ reason, field, message }`. */
export const worded = ({ reason, field, message }: any) => ({
  code: String(reason ?? "invalid"),
  message: [field, message].filter(Boolean).join(": ") || String(reason ?? "invalid"),
});

/** The Track API in the account's region. */
export const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://track-eu.customer.io" : "https://track.customer.io"),
  // v2 names errors one by one, v1 puts sentences into `meta` (spec, responses 400).
  fault({ body }) {
    const error = body?.errors?.[0] ?? body?.meta?.errors?.[0] ?? body?.meta?.error;
    if (typeof error === "string") return { code: "invalid", message: error };
    return error ? worded(error) : undefined;
  },
});

/** The whole of an answer that took everything (spec, responses 200). */
export const tookAll = ({ status, body }: HttpResponse): boolean => status === 200 && JSON.stringify(body) === "{}";

/**
 * Below 500 KB a request, of which 100 KB are for the words around 1,000 rows; 1,000 people a segment call (spec); the rate is
 * unverified.
 */
export const limits = { rows: 1000, bytes: 400_000, rate: { requests: 1000, perSeconds: 1 } };
