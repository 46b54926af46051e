import { z } from "zod";
import { gitSchema, timeSchema } from "./common.ts";

/** `millrace status --json`. */
export const statusSchema = z.object({
  schema: z.literal("millrace/status/v1"),
  environment: z.string(),
  at: timeSchema,
  git: gitSchema.nullable(),
  last_run: z
    .object({
      run_id: z.string(),
      status: z.enum(["ok", "partial", "stopped", "failed", "interrupted"]),
      finished_at: timeSchema,
    })
    .nullable(),
  syncs: z.array(
    z.object({
      sync: z.string(),
      source: z.string(),
      destination: z.string(),
      state: z.enum(["ok", "warning", "failed", "paused", "late", "never"]),
      last_ok_at: timeSchema.nullable(),
      next_at: timeSchema.nullable(),
      people: z.int().nullable(),
      people_7d: z.array(z.int().nullable()),
      rejected: z.int(),
      remote: z
        .object({
          at: timeSchema,
          size_low: z.int().nullable(),
          size_high: z.int().nullable(),
          match_rate: z.number().nullable(),
        })
        .nullable()
        .describe("what the platform last said of the target"),
      error: z.string().nullable(),
      paused_until: z.string().nullable(),
    }),
  ),
});
