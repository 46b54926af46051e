import { z } from "zod";
import { timeSchema } from "./common.ts";

/** `millrace state export`: a ledger as rows of text. */
export const stateSchema = z.object({
  schema: z.literal("millrace/state/v1"),
  environment: z.string(),
  exported_at: timeSchema,
  tables: z.array(
    z.object({ name: z.string(), columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) }),
  ),
});

/** `millrace state lock --json`. */
export const lockSchema = z.object({
  schema: z.literal("millrace/lock/v1"),
  environment: z.string(),
  lock: z
    .object({
      run_id: z.string(),
      holder: z.string(),
      command: z.string(),
      since: z.string(),
      alive_at: z.string().nullable(),
    })
    .nullable(),
});
