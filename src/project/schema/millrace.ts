/** millrace.yml. */
import { z } from "zod";
import { json, name, notYet, problem, text } from "./common.ts";
import { dbtSchema } from "./dbt.ts";
import { overlaySchema } from "./destination.ts";
import { guards } from "./guards.ts";
import { warehouseSchema } from "./warehouse.ts";
import { isTimezone } from "../zone.ts";

const environment = z
  .strictObject({
    prod: z.boolean().default(false).describe("Real destinations may be written to."),
    allow_real_destinations: z.boolean().default(false).describe("As prod, for a place that is not production."),
    reveal_pii: z.boolean().default(false).describe("show --reveal-pii may show personal data unmasked."),
    warehouse: warehouseSchema,
    destinations: z
      .record(z.string(), overlaySchema)
      .default({})
      .describe("Destination or * -> { use: file }, or keys laid over its file."),
    guards: guards.prefault({}),
    threads: z.number().int().min(1).max(64).default(4).describe("Syncs at once."),
    journal: z
      .enum(["disk", "warehouse"])
      .default("disk")
      .describe("Where open plans and their outcomes are kept: warehouse, for runners whose disk is gone with them."),
  })
  .superRefine(({ warehouse: { type }, journal }, context) => {
    if (type === "duckdb" && journal === "warehouse")
      problem(context, "E105", "a ledger of DuckDB is a file on the disk: so is its journal", "journal: disk", [
        "journal",
      ]);
  });
export type EnvironmentSpec = z.output<typeof environment>;

const timezone = z.string().superRefine((value, context) => {
  if (!isTimezone(value))
    problem(context, "E105", `unknown time zone "${value.slice(0, 60)}"`, "a name like Europe/Paris");
});

export const millraceSchema = z
  .strictObject({
    version: z.literal(1).describe("Version of the file formats."),
    name: name.describe("The project's name."),
    default_environment: name.exactOptional().describe("Taken without -e; default dev, or the only one."),
    timezone: timezone.default("UTC").describe("Of dates and schedules."),
    vars: z.record(z.string(), json).default({}).describe('Template variables: {{ var("history_start") }}.'),
    env_vars: z.array(text).default([]).describe("Names that env_var() may read in SQL."),
    allow_paths: z.array(text).default([]).describe("Folders outside the project that files may lie in."),
    environments: z.record(name, environment).describe("Where it runs: dev, ci, prod."),
    guards: guards.prefault({}),
    notifications: notYet("notifications:"),
    privacy: z
      .literal("none")
      .exactOptional()
      .describe("none: no purpose and no consent is asked, and that is meant (else W320)."),
    dbt: dbtSchema
      .exactOptional()
      .describe("The dbt project whose models, seeds, snapshots and sources ref() and source() reach."),
    consent: notYet("consent:"),
    suppression: notYet("suppression:"),
    metrics: notYet("metrics:"),
  })
  .superRefine((value, context) => {
    if (Object.keys(value.environments).length === 0)
      problem(context, "E103", "environments has none: write at least dev");
    for (const named of Object.keys(value.dbt?.manifests ?? {}))
      if (!Object.hasOwn(value.environments, named))
        context.addIssue({
          code: "custom",
          message: `no environment is called "${named}"`,
          path: ["dbt", "manifests", named],
          params: { code: "E105", hint: `environments: ${Object.keys(value.environments).join(", ")}` },
        });
    if (Object.hasOwn(value.vars, "as_of"))
      problem(context, "E105", "the variable as_of is the run's own", "set it for one run: --vars as_of=2026-01-31");
  });
export type MillraceSpec = z.output<typeof millraceSchema>;
