/** How one talks to Salesforce: settings, errors, and what a row's record is known by. */
import type { Change, Context, Outcome } from "millrace/destination";
import { deferred, jsonApi, networkSettings, rejected, stop } from "millrace/destination";
import { z } from "zod";

/** What a Salesforce destination is configured with. */
export const settings = z.strictObject({
  login_url: z
    .url({ protocol: /^https$/ })
    .default("https://login.salesforce.com")
    .describe("Where tokens come from: https://test.salesforce.com for sandboxes, or My Domain."),
  api_version: z
    .string()
    .regex(/^v\d+\.0$/)
    .default("v65.0")
    .describe("Version of the API."),
  bulk_from: z.int().min(1).default(2000).describe("Batches of so many rows or more go as a Bulk API job."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;

const apiName = z.string().regex(/^\w+$/);

/** The sync's `remote:`. */
export const remote = z.object({
  sobject: apiName.describe("API name of the object: Contact, Account, Visit__c."),
  external_id: apiName.describe("API name of its external id, a text field."),
});

/** The object and its external id, by their API names. */
export function targetOf({ remoteConfig }: Where): { readonly sobject: string; readonly externalId: string } {
  return { sobject: String(remoteConfig["sobject"]), externalId: String(remoteConfig["external_id"]) };
}

/** The REST API of the org, which the token names. */
export const api = jsonApi<Config>({
  session: true,
  base: ({ api_version, login_url }, { instance_url }) => `${instance_url ?? login_url}/services/data/${api_version}`,
  fault: ({ body }) => (body?.[0]?.errorCode ? { code: body[0].errorCode, message: body[0].message } : undefined),
  judge(_response, fault) {
    const { code = "", message = code } = fault ?? {};
    // Wrong in one row, wrong in all.
    if (/^INVALID_(FIELD|TYPE)$/.test(code)) return stop("target", message, "check the sync's mappings");
    return code === "REQUEST_LIMIT_EXCEEDED" ? deferred(message) : undefined;
  },
});

/** A refused row. A lock held by others passes (facts C1). */
export const refused = (code: string, message: string): Outcome =>
  code === "UNABLE_TO_LOCK_ROW" ? deferred(message) : rejected(code, message);

/** The external id of a row: the model's key. */
export function keyOf({ key }: Change): string {
  if (typeof key !== "object") return String(key);
  return stop("target", "the model's key has several columns, an external id is one field", "use a model with one key");
}
