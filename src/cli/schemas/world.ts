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

const keySchema = z.object({
  key: z.string(),
  describe: z.string(),
  required: z.boolean(),
  default: z.string().nullable(),
});

/** `millrace destinations --json`: the types there are, and the accounts that the project configures. */
export const destinationsSchema = z.object({
  schema: z.literal("millrace/destinations/v1"),
  types: z.array(
    z.object({
      type: z.string(),
      describe: z.string(),
      docs: z.string(),
      guide: z
        .object({ credentials: z.string(), refused: z.string(), erasure: z.string() })
        .nullable()
        .describe("how to get credentials, how rows are refused, how people are erased"),
      config: z.array(keySchema),
      credentials: z.array(keySchema),
      asks_account: z.boolean().describe("the platform is asked whose account the credentials open"),
      downloads: z.array(z.string()).describe("hosts of the files in which it names refused rows"),
      objects: z.array(
        z.object({
          object: z.string(),
          kind: z.enum(["membership", "record", "event"]),
          ops: z.array(z.enum(["add", "update", "remove"])),
          delivery: z.enum(["set", "keyed", "once"]),
          identifiers: z.array(z.string()),
          rows_per_request: z.int(),
          describe: z.string(),
          modes: z.array(z.enum(["mirror", "upsert", "add", "update", "remove", "append"])),
          identify: z.enum(["key", "any", "all", "each"]),
          accepts: z.array(z.object({ kind: z.string(), describe: z.string(), hash: z.string().nullable() })),
          fields: z.array(z.object({ field: z.string(), describe: z.string(), required: z.boolean() })),
          remote: z.array(keySchema),
          bytes_per_request: z.int().nullable(),
          rate: z.object({ requests: z.int(), per_seconds: z.number() }).nullable(),
          keyed_for_hours: z.number().nullable().describe("how long the platform knows a key again"),
          late_minutes: z.number().describe("how long an unanswered request may still take effect"),
          expires_days: z.number().nullable().describe("when memberships lapse at the platform by themselves"),
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
