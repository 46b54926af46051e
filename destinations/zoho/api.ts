/** How one talks to Zoho CRM: settings, errors of a request, and the fate of each record of an answer. */
import type { Batch, Change, Context, HttpResponse, Outcome } from "millrace/destination";
import {
  accepted,
  all,
  byIndex,
  deferred,
  jsonApi,
  networkSettings,
  rejected,
  stop,
  unknown,
} from "millrace/destination";
import { z } from "zod";

/** What a Zoho destination is configured with. */
export const settings = z.strictObject({
  accounts_url: z
    .url({ protocol: /^https$/ })
    .default("https://accounts.zoho.com")
    .describe("Where tokens come from, by data centre: https://accounts.zoho.eu, .in, .com.au, .jp …"),
  api_version: z
    .string()
    .regex(/^v\d+$/)
    .default("v8")
    .describe("Version of the API."),
  trigger: z
    .array(z.enum(["workflow", "approval", "blueprint"]))
    .default([])
    .describe("What our changes set off; default: nothing."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;

const forbidden = /^(NO_PERMISSION|OAUTH_SCOPE_MISMATCH|NOT_ALLOWED|AUTHORIZATION_FAILED)$/;
const busy = /^(LIMIT_EXCEEDED|TOO_MANY_REQUESTS|LIMIT_REACHED|RECORD_LOCKED)$/;

/** A missing scope comes as 401, which no new token mends. */
export function classify({ body }: HttpResponse): "reject" | "throttled" | undefined {
  if (forbidden.test(body?.code)) return "reject";
  return busy.test(body?.code) ? "throttled" : undefined;
}

/** The API of the data centre, which the token names. */
export const api = jsonApi<Config>({
  session: true,
  base: ({ api_version }, { api_domain = "https://www.zohoapis.com" }) => `${api_domain}/crm/${api_version}`,
  fault: ({ body }) => (body?.status === "error" ? { code: body.code, message: body.message } : undefined),
  judge(_response, fault) {
    const { code = "", message = code } = fault ?? {};
    if (forbidden.test(code)) return stop("permission", message, "the token needs ZohoCRM.modules.ALL");
    if (code === "INVALID_MODULE") return stop("target", message, "set remote: { module } to its API name");
    return busy.test(code) ? deferred(message) : undefined;
  },
});

/** The sync's `remote:`. */
export const remote = z.object({
  module: z.string().regex(/^\w+$/).describe("API name of the module: Contacts, Leads, Accounts, or your own."),
});

/** The module's API name, which paths begin with. */
export const moduleOf = ({ remoteConfig }: Where): string => String(remoteConfig["module"]);

/** Ids of records of changes. */
export type Ids = ReadonlyMap<Change, string>;

/**
 * The fate of each record. Answers by record come with 200, 207 and, where all are refused, 400. `gone`: of a record whose id
 * is none (any more).
 */
export function verdicts(batch: Batch, response: HttpResponse, gone?: Outcome): readonly Outcome[] {
  if (!Array.isArray(response.body?.data)) return all(batch, api.broken(response));
  return byIndex(batch, response.body.data, ({ status, code, message, details }) => {
    if (status === "success") return accepted(batch.op === "remove" ? undefined : details.id);
    const field = details?.api_name ?? "id";
    if (code === "INVALID_DATA" && field === "id" && gone !== undefined) return gone;
    if (busy.test(code)) return deferred(message);
    if (code === "INTERNAL_ERROR") return unknown(message);
    // "required field not found" does not say which.
    return typeof code === "string" ? rejected(code, field === "id" ? message : `${message}: ${field}`) : undefined;
  });
}
