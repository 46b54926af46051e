/** How one talks to Zendesk: settings, and errors as it words them. */
import type { Context, HttpResponse } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** What a Zendesk destination is configured with. */
export const settings = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9-]+$/i, "what stands before .zendesk.com")
    .describe("Of SUBDOMAIN.zendesk.com."),
  bulk_users: z.boolean().default(true).describe("Write users as jobs, where Zendesk Support has enabled it."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Place = Pick<Context<Config>, "config">;

/** The Support API of the account. */
export const api = jsonApi<Config>({
  base: ({ subdomain }) => `https://${subdomain}.zendesk.com/api/v2`,
  fault({ body }) {
    const { error, description, details } = body ?? {};
    // `details` of a refused record: { field: [{ description }] }.
    const [detail] = Object.values<any>(details ?? {}).flat();
    if (typeof error === "string") return { code: error, message: detail?.description ?? description ?? error };
    return typeof error?.title === "string" ? { code: error.title, message: error.message ?? error.title } : undefined;
  },
});

/** Whether it is the record, and not the address, that a 404 is about. */
export const isAbsent = ({ status, body }: HttpResponse): boolean => status === 404 && body?.error === "RecordNotFound";
