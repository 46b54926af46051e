/** How one talks to Intercom: settings, errors, and what an answer says of the one row it is about. */
import type { Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, jsonApi, networkSettings, stop } from "millrace/destination";
import { z } from "zod";

/** What an Intercom destination is configured with. */
export const settings = z.strictObject({
  region: z.enum(["us", "eu", "au"]).default("us").describe("Where the workspace is hosted."),
  api_version: z.string().default("2.15").describe("Version of the API."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Place = Pick<Context<Config>, "config">;

const lacksPermission = "token_unauthorized";

/** A missing permission comes as 401, which no new token of the same app mends (github.com/intercom/intercom-php/issues/189). */
export const classify = ({ body }: HttpResponse): "reject" | undefined =>
  body?.errors?.[0]?.code === lacksPermission ? "reject" : undefined;

/** The REST API of the workspace's region. */
export const api = jsonApi<Config>({
  base: ({ region }) => `https://api.${region === "us" ? "" : `${region}.`}intercom.io`,
  headers: ({ api_version: version }) => ({ "intercom-version": version }),
  fault: ({ body }) => (Array.isArray(body?.errors) ? (body.errors[0] ?? undefined) : undefined),
  judge: (_response, fault) =>
    fault?.code === lacksPermission
      ? stop("permission", fault.message ?? lacksPermission, "look at the permissions of the app")
      : undefined,
});

/** What was made, changed or taken away comes back with its id; `id` is the one to keep. */
export const done = (response: HttpResponse, id?: string): Outcome =>
  response.status === 200 && typeof response.body?.id === "string" ? accepted(id) : api.broken(response);

/** The same where the id to keep is the one that came back. */
export const written = (response: HttpResponse): Outcome => done(response, response.body?.id);

/** The same of a request that takes something away: whoever is not there is away already. */
export function* away(request: Exchange<HttpResponse>): Exchange<Outcome> {
  const response = yield* request;
  return response.status === 404 ? accepted() : done(response);
}

/** Every row is a request: 10,000 a minute (facts C8). */
export const limits = { rows: 100, rate: { requests: 160, perSeconds: 1 } } as const;
