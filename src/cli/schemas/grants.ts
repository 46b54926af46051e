import { z } from "zod";

/** `millrace grants --json`: statements in the order in which they are to be run. */
export const grantsSchema = z.object({
  schema: z.literal("millrace/grants/v1"),
  environment: z.string(),
  warehouse: z.enum(["duckdb", "bigquery", "snowflake"]),
  to: z.string().nullable().describe("role or account; null: nobody needs anything"),
  statements: z.array(
    z.object({
      for: z.enum(["account", "reads", "ledger", "models", "scratch"]),
      subject: z.string().describe("source shop.customers, dbt orders, models/x.sql, schema millrace"),
      sql: z.string(),
    }),
  ),
  notes: z.array(z.string()).describe("what no statement here can say"),
});
