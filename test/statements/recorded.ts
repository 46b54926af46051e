/** What the engine says to each warehouse, written down: a pretended warehouse with the real dialect of its type. */
import { expect } from "vitest";
import type { Ledger } from "../../src/ledger/tables.ts";
import { apart, together, type Ferry } from "../../src/warehouse/ferry.ts";
import { bigqueryDialect } from "../../src/warehouse/bigquery-dialect.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { Column, Dialect, Warehouse } from "../../src/warehouse/warehouse.ts";

export const dialects = { duckdb: duckdbDialect, bigquery: bigqueryDialect, snowflake: snowflakeDialect } as const;
const names = ["duckdb", "bigquery", "snowflake"] as const;

export type Each<T> = Readonly<Record<Dialect["name"], T>>;

/** What the warehouse answers: nothing, unless a test says so. */
export interface Answers {
  readonly rows?: (sql: string) => readonly Record<string, unknown>[];
  /** Columns of every query. */
  readonly columns?: readonly Column[];
  /** Rows that every `read` gives. */
  readonly read?: readonly (readonly unknown[])[];
}

/** Where statements of one warehouse are about: its ledger at `acme.millrace`, the run's tables at a desk. */
export interface Place {
  readonly dialect: Dialect;
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly ferry: Ferry;
  /** Tables of the shop: `acme.shop.NAME`. */
  shop(table: string): string;
}

export const deskTarget = `"memory"."main"`;

/** A warehouse that writes down what it is asked, one statement a line, transactions between BEGIN and COMMIT. */
export function recorded(name: Dialect["name"], said: string[], answers: Answers = {}): Warehouse {
  const warehouse: Warehouse = {
    type: name,
    dialect: dialects[name],
    capabilities: {
      transactionalDdl: name === "duckdb",
      bulkRead: "stream",
      costEstimate: name === "bigquery",
      severalInOne: name !== "snowflake",
      concurrentWriters: name !== "duckdb",
    },
    describe: async () => answers.columns ?? [],
    hasSchema: async () => true,
    async execute(sql) {
      said.push(`${sql};`);
      return 1;
    },
    async script(statements) {
      said.push("BEGIN;", ...statements.map((sql) => `${sql};`), "COMMIT;");
    },
    async rows(sql) {
      said.push(`${sql};`);
      return answers.rows?.(sql) ?? [];
    },
    async *read(sql) {
      said.push(`${sql};`);
      const rows = answers.read ?? [];
      const columns = (answers.columns ?? []).map((_, at) => rows.map((row) => row[at]));
      if (rows.length > 0) yield { rows: rows.length, columns };
    },
    async append(table) {
      said.push(`-- rows for ${table}`);
    },
    estimate: async () => null,
    usage: () => ({ statements: said.length, bytes: 0 }),
    labelled: () => warehouse,
    close: async () => undefined,
  };
  return warehouse;
}

/** A place that writes into `said`; `desk` where rows of the run's tables are looked at. */
export function placeOf(name: Dialect["name"], said: string[], desk?: Warehouse, answers?: Answers): Place {
  const warehouse = recorded(name, said, answers);
  const { dialect } = warehouse;
  const scratch = (table: string): string => dialect.relation("acme", "millrace_scratch", table);
  const here = desk ?? recorded("duckdb", []);
  const ferry =
    name === "duckdb"
      ? { ...together(warehouse, deskTarget), desk: here }
      : apart(warehouse, here, { target: deskTarget, scratch });
  return {
    dialect,
    warehouse,
    ledger: { dialect, schema: ["acme", "millrace"] },
    ferry,
    shop: (table) => dialect.relation("acme", "shop", table),
  };
}

/**
 * What is said to each warehouse, one below the other: the text that `say` returns, else what it made the place say.
 * NOT_SUPPORTED with its reason is the text of a dialect that has no such statement.
 */
export async function sideBySide(
  say: (place: Place) => unknown,
  { desk, ...answers }: Answers & { readonly desk?: Warehouse } = {},
): Promise<Each<string>> {
  const each: [string, string][] = [];
  for (const name of names) {
    const said: string[] = [];
    const given = await say(placeOf(name, said, desk, answers));
    each.push([name, typeof given === "string" ? given : said.join("\n")]);
  }
  return Object.fromEntries(each) as Each<string>;
}

// Statements stand in the tests as they are, without quotes around them.
expect.addSnapshotSerializer({ test: (value) => typeof value === "string", print: (value) => String(value) });
