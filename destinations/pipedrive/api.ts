/** How one talks to Pipedrive: settings, errors, and what an answer says of the one record it is about. */
import type { Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, get, jsonApi, networkSettings, said, session, stop } from "millrace/destination";
import { z } from "zod";

/** What a Pipedrive destination is configured with. */
export const settings = z.strictObject({
  company: z
    .string()
    .regex(/^[\w-]+$/)
    .optional()
    .describe("Subdomain of the company: acme of acme.pipedrive.com; default: the one of the token."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Place = Pick<Context<Config>, "config">;

/** The API of the company, which OAuth tokens name. */
export const api = jsonApi<Config>({
  session: true,
  base: ({ company }, { api_domain = "https://api.pipedrive.com" }) =>
    `${company === undefined ? api_domain : `https://${company}.pipedrive.com`}/api/v2`,
  fault: ({ body }) => (body?.success === false ? { code: body.code, message: body.error } : undefined),
  judge: ({ status }, fault) =>
    status === 402 ? stop("permission", fault?.message ?? "HTTP 402", "look at the plan of the account") : undefined,
});

/**
 * Id of the token's company, with `company` too: a subdomain can be renamed, and set later. Only version 1 of the API knows
 * users; every app may ask (pipedrive.readme.io, marketplace-getting-user-data and marketplace-scopes, base).
 */
export function* companyOf(ctx: Place): Exchange<string | undefined> {
  const users = api.root(ctx, yield* session()).replace(/v2$/, "v1/users");
  return yield* said(get(`${users}/me`), (body) => body?.data?.company_id);
}

/** Whether the record of the request is deleted, which Pipedrive also says of those it still keeps. */
export const isGone = ({ status, body }: HttpResponse): boolean =>
  status === 404 || status === 410 || body?.data?.is_deleted === true;

/** The fate of one record, by the record that Pipedrive gives back. */
export function written(response: HttpResponse): Outcome {
  const id = response.body?.data?.id;
  return response.body?.success === true && typeof id === "number" ? accepted(String(id)) : api.broken(response);
}
