/** Documents about the world around the project, and about failures. */
import { z } from "zod";
import { diagnosticSchema } from "./common.ts";

/** `millrace doctor --json`. */
export const doctorSchema = z.object({
  schema: z.literal("millrace/doctor/v1"),
  environment: z.string().nullable(),
  ok: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      status: z.enum(["ok", "warning", "failed"]),
      message: z.string(),
      hint: z.string().nullable(),
    }),
  ),
});

/** `millrace destinations --json`: the types there are, and the accounts that the project configures. */
export const destinationsSchema = z.object({
  schema: z.literal("millrace/destinations/v1"),
  types: z.array(
    z.object({
      type: z.string(),
      describe: z.string(),
      docs: z.string(),
      objects: z.array(
        z.object({
          object: z.string(),
          kind: z.enum(["membership", "record", "event"]),
          ops: z.array(z.enum(["add", "update", "remove"])),
          delivery: z.enum(["set", "keyed", "once"]),
          identifiers: z.array(z.string()),
          rows_per_request: z.int(),
        }),
      ),
    }),
  ),
  configured: z.array(
    z.object({
      destination: z.string(),
      type: z.string(),
      label: z.string().nullable(),
      file: z.string(),
      outbox: z.boolean().describe("the environment replaces the transport by files"),
      used_by: z.array(z.string()),
    }),
  ),
});

/** Any command under `--json` that ends before it has an answer. */
export const errorSchema = z.object({
  schema: z.literal("millrace/error/v1"),
  exit: z.int(),
  diagnostics: z.array(diagnosticSchema),
});

/** Commands that do one thing and say so: pause, resume, resolve, state, schema, init. */
export const doneSchema = z.object({
  schema: z.literal("millrace/done/v1"),
  command: z.string(),
  message: z.string(),
  files: z.array(z.string()),
  rows: z.int().nullable(),
});
