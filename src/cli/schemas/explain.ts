import { z } from "zod";
import type { ExplainRule } from "../../engine/api.ts";
import { diagnosticSchema, timeSchema } from "./common.ts";

const ruleSchema: z.ZodType<ExplainRule> = z.lazy(() =>
  z.object({
    rule: z.string(),
    holds: z.boolean().nullable(),
    found: z.string().nullable(),
    children: z.array(ruleSchema),
  }),
);

/** `millrace explain person --json`. */
export const explainPersonSchema = z.object({
  schema: z.literal("millrace/explain/v1"),
  environment: z.string(),
  as_of: timeSchema,
  person: z.string().nullable(),
  model: z.string().nullable(),
  identifiers: z.record(z.string(), z.string()),
  audiences: z.array(
    z.object({
      audience: z.string(),
      member: z.boolean(),
      rules: ruleSchema.nullable(),
      trace: z.array(z.object({ step: z.string(), present: z.boolean() })),
      excluded_by: z.string().nullable(),
      history: z.array(
        z.object({
          at: timeSchema,
          event: z.enum(["enter", "leave"]),
          run_id: z.string(),
          commit: z.string().nullable(),
        }),
      ),
    }),
  ),
  destinations: z.array(
    z.object({
      sync: z.string(),
      destination: z.string(),
      object: z.string(),
      state: z.enum(["none", "ok", "doubt", "owed", "left", "assumed", "held"]),
      remote_id: z.string().nullable(),
      identifiers: z.record(z.string(), z.string()),
      sent_at: timeSchema.nullable(),
      run_id: z.string().nullable(),
      rejection: z.object({ code: z.string(), message: z.string(), attempts: z.int() }).nullable(),
      history: z.array(z.object({ at: timeSchema, op: z.string(), outcome: z.string(), run_id: z.string() })),
    }),
  ),
});

/** `millrace explain audience NAME --json`, `explain sync`, `explain CODE`, `explain millrace.MODEL`: a title and sentences. */
export const explainThingSchema = z.object({
  schema: z.literal("millrace/explanation/v1"),
  kind: z.enum(["code", "library", "audience", "sync"]),
  name: z.string(),
  title: z.string(),
  text: z.string(),
  diagnostics: z.array(diagnosticSchema).optional(),
});
