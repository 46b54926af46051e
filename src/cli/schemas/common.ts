/** Pieces that several documents of `--json` share. Documents only grow: new keys may come, none goes or changes. */
import { z } from "zod";

export const gitSchema = z.object({ sha: z.string(), branch: z.string(), dirty: z.boolean() });

export const locationSchema = z.object({
  file: z.string().describe("relative to the project"),
  line: z.int().min(1),
  column: z.int().min(1),
  length: z.int().optional(),
});

export const diagnosticSchema = z.object({
  code: z.string().regex(/^[EW]\d{3}$/),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  at: locationSchema.optional(),
  hint: z.string().optional(),
});

export const guardSchema = z.object({
  code: z.string().regex(/^G\d+$/),
  name: z.string(),
  ok: z.boolean(),
  value: z.number(),
  limit: z.number(),
  message: z.string(),
  overridden: z.object({ actor: z.string(), reason: z.string() }).optional(),
});

export const opCountsSchema = z.object({ add: z.int(), update: z.int(), remove: z.int() });

/** UTC, ISO 8601. */
export const timeSchema = z.iso.datetime();

/** Any JSON value. */
export const jsonSchema = z.json();
