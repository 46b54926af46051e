/** How one talks to Brevo: the settings of an account, and how it words an error. */
import type { Change, Context, HttpResponse } from "millrace/destination";
import { downloadSettings, jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of a Brevo account. */
export const settings = z.strictObject({
  single_imports: z
    .int()
    .min(0)
    .default(100)
    .describe("Batches up to this size go contact by contact, larger ones as an import."),
  import_list: z
    .int()
    .positive()
    .optional()
    .describe(
      "Id of a list that new contacts may be imported into: Brevo imports into lists only; absent: no imports.",
    ),
  folder: z.int().positive().default(1).describe("Id of the folder where lists are made."),
  ...networkSettings,
  ...downloadSettings,
});
export type Config = z.output<typeof settings>;

/** Where a call goes to. */
export type Place = Pick<Context<Config>, "config">;

/** Brevo's API. */
export const api = jsonApi<Config>({
  base: () => "https://api.brevo.com/v3",
  fault: ({ body }) => (typeof body?.code === "string" ? { code: body.code, message: body.message } : undefined),
});

/** Whether what the call was about is not there. */
export const isAbsent = ({ status, body }: HttpResponse): boolean =>
  status === 404 && body?.code === "document_not_found";

/** 8 MB an import (facts B7); 10 requests a second (developers.brevo.com/docs/api-limits, unverified). */
export const limits = { rows: 5000, bytes: 8_000_000, rate: { requests: 10, perSeconds: 1 } };

/** The address that a row is known by. */
export const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
