/** How one talks to ActiveCampaign: the settings of an account, and how it words an error. */
import type { Change, Context, HttpResponse } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of an ActiveCampaign account. */
export const settings = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z0-9-]+$/i)
    .describe("What stands before .api-us1.com."),
  // "The suggested minimum number of contacts is 10" (spec, bulk_import).
  single_imports: z.int().min(0).default(9).describe("Batches of contacts up to this size go one by one."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** Where a call goes to. */
export type Place = Pick<Context<Config>, "config">;

/** The account's API. */
export const api = jsonApi<Config>({
  base: ({ account }) => `https://${account}.api-us1.com/api/3`,
  fault({ status, body }) {
    const { title, detail = title, code } = body?.errors?.[0] ?? {};
    const message = detail ?? (status < 400 ? undefined : (body?.failureReasons?.[0]?.failureReason ?? body?.message));
    return typeof message === "string" ? { code, message } : undefined;
  },
});

/** Imports are throttled with HTTP 400: 100 of them a minute (spec, bulk_import). */
export const isThrottled = ({ status, body }: HttpResponse): boolean =>
  status === 400 && /rate limit/i.test(String(body?.message));

/** 250 contacts and some 400 kB an import (spec, bulk_import; facts B8), 5 requests a second (facts B8). */
export const limits = { rows: 250, bytes: 400_000, rate: { requests: 5, perSeconds: 1 } };

/** The address that a row is known by. */
export const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
