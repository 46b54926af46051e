/** Sources, models, seeds and unit tests: what is read and how it is checked. */
import { z } from "zod";
import type { ColumnSpec, Freshness, ModelSpec, SourceSpec } from "../project.ts";
import { duration, mergeMeta, metaKeys, modelName, name, share, text, textMap } from "./common.ts";
import { dataTest } from "./tests.ts";

const freshness: z.ZodType<Freshness> = z.strictObject({
  field: text.describe("The time column to look at."),
  warn: duration.exactOptional().describe("Older than this: a warning."),
  fail: duration.exactOptional().describe("Older than this: guard G7 stops the syncs downstream."),
});

const column: z.ZodType<ColumnSpec> = z.strictObject({
  name: text.describe("The column's name."),
  description: z.string().exactOptional().describe("What it holds."),
  label: z.string().exactOptional().describe("What people call it."),
  pii: text.exactOptional().describe("What kind of personal data it is: email, phone, name …"),
  filterable: z.boolean().exactOptional().describe("Offered to people who build segments."),
  data_tests: z.array(dataTest).default([]).describe("Tests of this column."),
});
const columns = z.array(column).default([]).describe("Columns: descriptions and tests.");

export const sourceSchema: z.ZodType<SourceSpec> = z.strictObject({
  name: name.describe("source('name', …) in models."),
  schema: text.exactOptional().describe("The schema in the warehouse; default the name, or BigQuery's dataset."),
  database: text.exactOptional().describe("BigQuery's project or Snowflake's database; default the environment's."),
  description: z.string().exactOptional().describe("What it is and who fills it."),
  freshness: freshness.exactOptional().describe("How old its tables may be."),
  tables: z
    .array(
      z.strictObject({
        name: text.describe("The table's name."),
        file: text.exactOptional().describe("DuckDB: a Parquet, CSV or JSON file, relative to the project."),
        description: z.string().exactOptional().describe("What a row is."),
        freshness: freshness.exactOptional().describe("Overrides the source's."),
        columns,
      }),
    )
    .min(1)
    .describe("The tables that are read."),
});

export const modelSchema: z.ZodType<ModelSpec> = z
  .strictObject({
    name: modelName.describe("The name of the .sql file, or of a dbt node."),
    description: z.string().exactOptional().describe("One row per what."),
    ...metaKeys,
    materialize: z.enum(["view", "table", "inline"]).exactOptional().describe("How it is built; default view."),
    primary_key: z
      .union([text.transform((key) => [key]), z.array(text).min(1)])
      .default([])
      .describe("The column or columns that tell rows apart."),
    identifiers: textMap.default({}).describe("Identifier kind -> column: { email: email }."),
    columns,
    data_tests: z.array(dataTest).default([]).describe("Tests of the whole model."),
    on_duplicate_key: z
      .strictObject({
        keep: z.literal("first").describe("Keep the first row of a key."),
        order_by: text.describe("Which is first: updated_at desc."),
      })
      .exactOptional()
      .describe("What to do with differing rows of one key; default: stop."),
    null_keys: share.default(0.01).describe("Share of rows without key above which a run stops; default 1%."),
  })
  .transform(({ config, materialize, ...rest }): ModelSpec => ({
    ...rest,
    ...mergeMeta({ ...rest, ...(config && { config }) }),
    materialize: materialize ?? config?.materialized ?? "view",
  }));

export const seedSchema = z.strictObject({
  name: text.describe("schema.table, or the bare name of the file."),
  description: z.string().exactOptional().describe("What it stands for."),
  column_types: textMap
    .default({})
    .describe("Column -> DuckDB type, where sniffing would be wrong: { phone: varchar }."),
});
export type SeedSpec = z.output<typeof seedSchema>;
