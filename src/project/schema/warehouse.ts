/** `warehouse:` of an environment: DuckDB, BigQuery or Snowflake. */
import { z } from "zod";
import type { BigQuerySpec, DuckDBSpec, SnowflakeSpec, WarehouseSpec } from "../project.ts";
import { choose, isMap, name, problem, text } from "./common.ts";

const places = {
  ledger_schema: name.default("millrace").describe("Where the ledger's tables live."),
  model_schema: name.default("millrace_models").describe("Where models are built."),
};

const duckdb: z.ZodType<DuckDBSpec> = z.strictObject({
  type: z.literal("duckdb").describe("The warehouse's kind."),
  path: text
    .exactOptional()
    .describe("The user's DuckDB file, read only; :memory: = none, and a ledger for one command."),
  seeds: text.exactOptional().describe("Folder of sample data that stands for the sources."),
  ...places,
  memory_limit: z
    .string()
    .regex(/^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$/i)
    .exactOptional()
    .describe("DuckDB's memory: 2GB."),
  threads: z.number().int().min(1).max(256).exactOptional().describe("DuckDB's threads."),
});

const unitBytes = { MB: 1e6, GB: 1e9, TB: 1e12, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 } as const;

/** `50GB`, as bytes. */
const bytes = text.transform((value, context): number => {
  const [, count, unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)\s?([a-z]+)$/i.exec(value) ?? [];
  const size = Number(count) * (unitBytes[unit.toUpperCase() as keyof typeof unitBytes] ?? Number.NaN);
  if (size >= 1) return Math.floor(size);
  problem(context, "E105", `expected a size like 50GB, found "${value.slice(0, 40)}"`, "MB, GB, TB, MiB, GiB or TiB");
  return z.NEVER;
});

/** Plain http is for emulators on this machine: credentials and people would travel in the open elsewhere. */
const endpoint = text
  .superRefine((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const own = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
    if (url?.protocol === "https:" || (url?.protocol === "http:" && own)) return;
    problem(context, "E105", `expected an https address, found "${value.slice(0, 60)}"`, "http only on this machine");
  })
  .exactOptional()
  .describe("Another address of the API: a private endpoint, an emulator.");

const bigquery = z.strictObject({
  type: z.literal("bigquery").describe("The warehouse's kind."),
  connection: z
    .strictObject({
      project: text.describe("The Google Cloud project that runs and pays for statements, and has the ledger."),
      location: text.exactOptional().describe("Where the datasets are: EU, europe-west9."),
      credentials: text
        .exactOptional()
        .describe("A service account's key: ${file:/run/secrets/gcp.json}; absent: whom the machine is signed in as."),
      impersonate: text.exactOptional().describe("The service account in whose name it works."),
      endpoint,
    })
    .describe("How to sign in."),
  dataset: text.exactOptional().describe("Where the tables of sources are that name no schema."),
  ...places,
  max_bytes_billed: bytes.exactOptional().describe("No statement may read more: 50GB."),
  price_per_tib: z
    .number()
    .min(0)
    .default(6.25)
    .describe("What reading a TiB costs, in USD: for the cost that plans tell."),
});

const signIn = ["private_key", "token", "password"] as const;

const snowflake = z.strictObject({
  type: z.literal("snowflake").describe("The warehouse's kind."),
  connection: z
    .strictObject({
      account: text.describe("Organization, a hyphen, account: acme-eu."),
      user: text.describe("Who signs in."),
      private_key: text.exactOptional().describe("The private key of a key pair (PEM): ${env:SNOWFLAKE_KEY}."),
      passphrase: text.exactOptional().describe("Of the private key, where it is encrypted."),
      token: text.exactOptional().describe("An OAuth token."),
      password: text.exactOptional().describe("A password; a key pair is safer."),
      endpoint,
    })
    .superRefine((value, context) => {
      const given = signIn.filter((key) => value[key] !== undefined);
      if (given.length === 1) return;
      const said = given.length === 0 ? "nothing to sign in with" : `${given.join(" and ")}: one of them is enough`;
      problem(context, given.length === 0 ? "E103" : "E105", said, `write one of ${signIn.join(", ")}`);
    })
    .describe("How to sign in."),
  database: text.describe("Where sources are that name no database, and the ledger."),
  warehouse: text.exactOptional().describe("The virtual warehouse that computes; absent: the user's own."),
  role: text.exactOptional().describe("Absent: the user's own."),
  ...places,
});

const schemas = {
  duckdb,
  bigquery: bigquery as unknown as z.ZodType<BigQuerySpec>,
  snowflake: snowflake as unknown as z.ZodType<SnowflakeSpec>,
} as const;

export const warehouseSchema = choose<WarehouseSpec>(
  "Where the data is.",
  () => ({ schemas: Object.values(schemas) }),
  (value): z.ZodType<WarehouseSpec> => {
    const type = isMap(value) ? value["type"] : undefined;
    return type === "bigquery" || type === "snowflake" ? schemas[type] : schemas.duckdb;
  },
);
