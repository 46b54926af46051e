import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { explainPersonSchema } from "../../src/cli/schemas/explain.ts";
import { planSchema } from "../../src/cli/schemas/plan.ts";
import { testSchema, validateSchema } from "../../src/cli/schemas/project.ts";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { grantsSchema } from "../../src/cli/schemas/grants.ts";
import { lineageSchema } from "../../src/cli/schemas/lineage.ts";
import { statusSchema } from "../../src/cli/schemas/status.ts";

const golden: Readonly<Record<string, z.ZodType>> = {
  "grants.json": grantsSchema,
  "lineage.json": lineageSchema,
  "plan.json": planSchema,
  "run.json": runSchema,
  "status.json": statusSchema,
  "explain.json": explainPersonSchema,
  "test.json": testSchema,
  "validate.json": validateSchema,
};

/** A golden document has every key of its schema and no other: an addition shows up in both. */
test.each(Object.keys(golden))("%s is what its schema says", (file) => {
  const document: unknown = JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), "utf8"));
  expect(golden[file]!.parse(document)).toEqual(document);
});
