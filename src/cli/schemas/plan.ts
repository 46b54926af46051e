import { z } from "zod";
import { diagnosticSchema, gitSchema, guardSchema, jsonSchema, opCountsSchema, timeSchema } from "./common.ts";

/** How a plan differs from an earlier one; figures are now minus then. */
export const againstSchema = z.object({
  id: z.string(),
  created_at: timeSchema,
  audiences: z.array(z.object({ name: z.string(), now: z.int(), enter: z.int(), leave: z.int() })),
  syncs: z.array(
    z.object({
      sync: z.string(),
      status: z.object({ before: z.string().nullable(), now: z.string().nullable() }),
      planned: opCountsSchema,
    }),
  ),
});

/** `millrace plan --json`, and the file of `plan -o`. */
export const planSchema = z.object({
  schema: z.literal("millrace/plan/v1"),
  id: z.string(),
  environment: z.string(),
  as_of: timeSchema,
  created_at: timeSchema,
  expires_at: timeSchema.nullable(),
  git: gitSchema.nullable(),
  bases: z.record(z.string(), z.int()).describe("ledger serial per sync"),
  changes: z.boolean(),
  audiences: z.array(
    z.object({
      name: z.string(),
      before: z.int(),
      now: z.int(),
      enter: z.int(),
      leave: z.int(),
      enter_by_edit: z.int().optional().describe("of enter: because the definition was edited since the last run"),
      leave_by_edit: z.int().optional(),
      why_selected: z.array(z.string()),
    }),
  ),
  syncs: z.array(
    z.object({
      sync: z.string(),
      destination: z.string(),
      object: z.string(),
      mode: z.enum(["mirror", "upsert", "add", "update", "remove", "append"]),
      status: z.enum(["changes", "unchanged", "stopped"]),
      planned: opCountsSchema,
      skipped: z.array(z.object({ reason: z.string(), count: z.int() })),
      in_doubt: z.int(),
      retrying: z.int(),
      remapped: z.int(),
      requests_estimate: z.int(),
      guards: z.array(guardSchema),
      cost: z.object({ bytes: z.number(), usd: z.number() }).nullable(),
      sample: z.array(
        z.object({
          op: z.enum(["add", "update", "remove", "refresh"]),
          person: z.string().describe("HMAC prefix, not the key"),
          identifiers: z.record(z.string(), z.string()),
          fields: z.record(z.string(), jsonSchema),
          because: z.string(),
        }),
      ),
      error: z.string().nullable(),
    }),
  ),
  ledgers_without_sync: z
    .array(z.object({ ledger: z.string(), target: z.string(), people: z.int(), abandoned: z.boolean() }))
    .optional()
    .describe("what earlier syncs left at their destinations; nobody is taken out of there any more"),
  diagnostics: z.array(diagnosticSchema),
  against: againstSchema.optional().describe("only with --against"),
});
