/** How one talks to Attio: settings, addresses, and what objects of records and of lists have in common. */
import type { Context, HttpResponse, Outcome } from "millrace/destination";
import { accepted, anyValue, domainName, email, exact, jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** What an Attio destination is configured with. */
export const settings = z.strictObject({ ...networkSettings });
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;

/** The REST API. */
export const api = jsonApi<Config>({
  base: () => "https://api.attio.com/v2",
  fault: ({ body }) => (typeof body?.code === "string" ? { code: body.code, message: body.message } : undefined),
});

/** Path of the records of the sync's object, or of one of them. */
export function recordsPath({ remoteConfig }: Pick<Where, "remoteConfig">, id?: string): string {
  const path = `objects/${encodeURIComponent(String(remoteConfig["attio_object"]))}/records`;
  return id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
}

/** Spec: a DELETE answers 200 and `{}`; what is gone already is what was wanted. */
export const gone = (response: HttpResponse): Outcome => (response.status === 404 ? accepted() : api.outcome(response));

/** What all objects have in common. */
export const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email_addresses: email(), domains: domainName() },
  openIdentifiers: exact("Another unique attribute"),
  fields: {},
  openFields: anyValue({ describe: "An attribute by its slug; dots for parts of a value, as name.first_name" }),
  // 25 writes a second (facts C4); a hundred rows are a few seconds' work.
  limits: { rows: 100, rate: { requests: 25, perSeconds: 1 } },
  remote: z.object({
    attio_object: z.string().min(1).describe("Slug or id of the object: people, companies, or one of your own."),
  }),
} as const;
