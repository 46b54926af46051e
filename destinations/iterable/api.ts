/** How one talks to Iterable: the settings of a project, and how it words an error. */
import type { HttpResponse } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** `config:` of an Iterable project. */
export const settings = z.strictObject({
  region: z.enum(["us", "eu"]).default("us").describe("Data centre of the project."),
  project: z
    .enum(["email", "userId", "hybrid"])
    .default("email")
    .describe("What the project knows people by; hybrid: the user id where a row has one, else the e-mail."),
  rows_a_call: z.int().min(1).max(8000).default(1000).describe("Rows a request (unverified for lists)."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** Iterable's API in the project's data centre. */
export const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://api.eu.iterable.com/api" : "https://api.iterable.com/api"),
  fault: ({ body }) =>
    typeof body?.code === "string" && body.code !== "Success" ? { code: body.code, message: body.msg } : undefined,
});

/** Whether Iterable asks to be called less often, whatever the status. */
export const isThrottled = ({ body }: HttpResponse): boolean => body?.code === "RateLimitExceeded";
