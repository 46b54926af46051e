/** How one talks to Klaviyo: the settings of an account, its JSON:API, and how it words an error. */
import type { HttpResponse } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of a Klaviyo account. */
export const settings = z.strictObject({
  revision: z.iso.date().default("2026-07-15").describe("API revision."),
  single_imports: z.int().min(0).default(2000).describe("Batches up to this size go singly, larger ones as a job."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** An error as answers and import jobs name it; `source.pointer` is the part of the request that it is about. */
export interface KlaviyoError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string | null;
  readonly source?: { readonly pointer?: string };
}

/** The errors of an answer; none where it names none. */
export const errorsOf = ({ body }: HttpResponse): readonly KlaviyoError[] =>
  Array.isArray(body?.errors) ? body.errors : [];

/** Code and words of an error. */
export const worded = ({ code = "rejected", detail, title = "refused" }: KlaviyoError) => ({
  code,
  message: detail ?? title,
});

/** Whether an error is about the phone alone. */
export const isAboutPhone = ({ source }: KlaviyoError): boolean => String(source?.pointer).includes("phone_number");

const media = "application/vnd.api+json";

/** Klaviyo's API of the revision that the account is set to. */
export const api = jsonApi<Config>({
  base: () => "https://a.klaviyo.com/api",
  headers: ({ revision }) => ({ revision, accept: media, "content-type": media }),
  fault: (response) => errorsOf(response).map(worded)[0],
});
