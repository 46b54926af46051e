import { z } from "zod";
import { diagnosticSchema, gitSchema, guardSchema, opCountsSchema, timeSchema } from "./common.ts";

/** `millrace sync --json`, `runs show --json`, and target/runs/<id>/run.json. */
export const runSchema = z.object({
  schema: z.literal("millrace/run/v1"),
  run_id: z.string(),
  environment: z.string(),
  status: z.enum(["ok", "partial", "stopped", "failed", "interrupted"]),
  exit: z.int(),
  plan: z.string().nullable(),
  started_at: timeSchema,
  finished_at: timeSchema,
  git: gitSchema.nullable(),
  actor: z.string(),
  syncs: z.array(
    z.object({
      sync: z.string(),
      status: z.enum(["ok", "unchanged", "partial", "stopped", "failed", "locked", "skipped"]),
      planned: opCountsSchema,
      outcomes: z.object({
        accepted: z.int(),
        rejected: z.int(),
        deferred: z.int(),
        skipped: z.int(),
        unsent: z.int(),
        unknown: z.int(),
      }),
      accepted: opCountsSchema,
      requests: z.int(),
      duration_ms: z.number(),
      rejections: z.array(z.object({ code: z.string(), message: z.string(), count: z.int() })),
      guards: z.array(guardSchema),
      error: diagnosticSchema.nullable(),
      warning: diagnosticSchema.optional(),
    }),
  ),
  overrides: z.array(z.object({ guard: z.string(), sync: z.string(), reason: z.string(), actor: z.string() })),
});

/** `millrace runs --json`: newest first. */
export const runsSchema = z.object({
  schema: z.literal("millrace/runs/v1"),
  environment: z.string(),
  runs: z.array(runSchema),
});

/** `millrace runs rejected --json`. */
export const rejectedSchema = z.object({
  schema: z.literal("millrace/rejected/v1"),
  environment: z.string(),
  run_id: z.string(),
  rows: z.array(
    z.object({
      sync: z.string(),
      person: z.string(),
      op: z.string(),
      code: z.string(),
      message: z.string(),
      attempts: z.int(),
      dead: z.boolean(),
    }),
  ),
});
