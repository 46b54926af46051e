/** How one talks to HubSpot: settings, addresses, refusals, and what its objects have in common. */
import type { Context, Outcome } from "millrace/destination";
import { deferred, jsonApi, networkSettings, rejectedEach, text } from "millrace/destination";
import { z } from "zod";

/** What a HubSpot destination is configured with. */
export const settings = z.strictObject({
  api_version: z.string().default("v3").describe("Version of the CRM API: v3, or a date as in 2026-03."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Place = Pick<Context<Config>, "config">;

/** The CRM API: paths begin with an {@link area}. */
export const api = jsonApi<Config>({
  base: () => "https://api.hubapi.com/crm",
  fault({ body }) {
    if (typeof body?.category !== "string") return undefined;
    const scopes = [body.errors?.[0]?.context?.requiredGranularScopes ?? []].flat();
    return { code: body.category, message: [body.message, ...scopes].join(" ") };
  },
  // Locked, and moving to another data centre: nothing was applied (facts C2, unverified).
  judge: ({ status }) => (status === 423 || status === 477 ? deferred(`HTTP ${status}`) : undefined),
});

/** Where a part of the API stands: the version goes before its name up to v3 and v4, behind it where versions are dates. */
export function area({ config }: Place, name: "objects" | "lists" | "associations"): string {
  if (config.api_version !== "v3") return `${name}/${config.api_version}`;
  return name === "associations" ? `v4/${name}` : `v3/${name}`;
}

/** Address of what HubSpot says of the account, which is beside the CRM API and has the same versions. */
export const accountDetails = (ctx: Place): string =>
  api.root(ctx).replace(/crm$/, `account-info/${ctx.config.api_version}/details`);

/** An error of a batch in HubSpot's own code and words. */
export const refusal = (error: any, reject: typeof rejectedEach = rejectedEach): Outcome =>
  reject(String(error?.category), String(error?.message));

/** A list of an answer; empty where there is none. */
export const listOf = (value: any): readonly any[] => (Array.isArray(value) ? value : []);

/** What all objects have in common. */
export const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  fields: {},
  // 100 inputs a batch; 100 requests per 10 s on the smallest plan. developers.hubspot.com/docs/api/usage-details
  limits: { rows: 100, rate: { requests: 100, perSeconds: 10 } },
} as const;

/** Limits of objects whose records are searched for: five searches a second (facts C2). */
export const searchLimits = { rows: 100, rate: { requests: 5, perSeconds: 1 } } as const;

/** Properties of records; a list becomes the choices of a checkbox property. */
export const openFields = text({ describe: "Property", joined: ";" });
