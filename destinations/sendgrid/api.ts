/** How one talks to SendGrid Marketing: the settings of an account, and how it words an error. */
import type { Change, Context } from "millrace/destination";
import { downloadSettings, jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of a SendGrid account. */
export const settings = z.strictObject({
  region: z.enum(["global", "eu"]).default("global").describe("Where the account's data is kept."),
  ...networkSettings,
  ...downloadSettings,
});
export type Config = z.output<typeof settings>;

/** Where a call goes to. */
export type Place = Pick<Context<Config>, "config">;

/** SendGrid's API in the account's region. */
export const api = jsonApi<Config>({
  // The address of the EU is unverified (facts B6).
  base: ({ region }) => `https://api.${region === "eu" ? "eu." : ""}sendgrid.com/v3`,
  fault({ body }) {
    const { field, message } = (Array.isArray(body?.errors) ? body.errors[0] : undefined) ?? {};
    return typeof message === "string" ? { message: field ? `${field}: ${message}` : message } : undefined;
  },
});

/** 30,000 contacts or 6 MB a request (spec, PUT /marketing/contacts). */
export const limits = { rows: 30_000, bytes: 6_000_000, rate: { requests: 10, perSeconds: 1 } };

/** The address that a row is known by. */
export const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
