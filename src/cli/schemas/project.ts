/** Documents about the project itself: what stands in its files. */
import { z } from "zod";
import { diagnosticSchema, jsonSchema, locationSchema } from "./common.ts";

/** `millrace validate --json`. */
export const validateSchema = z.object({
  schema: z.literal("millrace/validate/v1"),
  environment: z.string(),
  files: z.int(),
  errors: z.int(),
  warnings: z.int(),
  duration_ms: z.number(),
  diagnostics: z.array(diagnosticSchema),
});

/** `millrace ls --json`: sorted by type, then name. */
export const lsSchema = z.object({
  schema: z.literal("millrace/ls/v1"),
  environment: z.string(),
  resources: z.array(
    z.object({
      id: z.string().describe("type:name"),
      type: z.enum(["source", "seed", "model", "segment", "audience", "sync", "destination"]),
      name: z.string(),
      file: z.string(),
      line: z.int(),
      tags: z.array(z.string()),
      status: z.string().nullable(),
      why: z.array(z.string()),
    }),
  ),
});

/** `millrace show --json`. */
export const showSchema = z.object({
  schema: z.literal("millrace/show/v1"),
  environment: z.string(),
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(jsonSchema)),
  count: z.int().nullable(),
  sql: z.string().nullable(),
});

/** `millrace compile --json`. */
export const compileSchema = z.object({
  schema: z.literal("millrace/compile/v1"),
  environment: z.string(),
  files: z.array(z.object({ name: z.string(), file: z.string(), sql: z.string() })),
});

/** `millrace test --json`. */
export const testSchema = z.object({
  schema: z.literal("millrace/test/v1"),
  environment: z.string(),
  summary: z.object({ passed: z.int(), failed: z.int(), warned: z.int(), skipped: z.int(), errored: z.int() }),
  duration_ms: z.number(),
  tests: z.array(
    z.object({
      kind: z.enum(["unit", "data", "audience", "freshness"]),
      name: z.string(),
      subject: z.string(),
      status: z.enum(["passed", "failed", "warned", "skipped", "errored"]),
      message: z.string(),
      detail: z.array(z.string()),
      failures: z.int().optional(),
      at: locationSchema.optional(),
      duration_ms: z.number(),
    }),
  ),
});

/** `millrace overlap --json`: one entry a pair. */
export const overlapSchema = z.object({
  schema: z.literal("millrace/overlap/v1"),
  environment: z.string(),
  sizes: z.record(z.string(), z.int()),
  pairs: z.array(
    z.object({ a: z.string(), b: z.string(), both: z.int(), share_of_a: z.number(), share_of_b: z.number() }),
  ),
});

/** `millrace dbt exposures --json`: exposures as dbt takes them. */
export const exposuresSchema = z.object({
  schema: z.literal("millrace/dbt_exposures/v1"),
  exposures: z.array(
    z.strictObject({
      name: z.string(),
      label: z.string(),
      type: z.literal("application"),
      description: z.string(),
      depends_on: z.array(z.string()),
      owner: z.strictObject({ name: z.string(), email: z.string().optional() }),
    }),
  ),
});
