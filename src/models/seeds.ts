import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../core.ts";
import { failure, MillraceError } from "../errors.ts";
import type { SeedFile } from "../project/project.ts";
import { firstLine } from "../warehouse/duckdb-error.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";

/** Catalog and schema of the side file in which seeds are loaded (decision 8). */
export const seedCatalog = "seeds";
const seedSchema = "seeds";

/** A seed with the digest of its bytes and declared types: reloaded when either changes. */
export interface DigestedSeed extends SeedFile {
  /** The path as the project names it; `path` is absolute. */
  readonly file: string;
  readonly digest: string;
}

/** `"seeds"."seeds"."shop.customers"`. */
export function seedRelation(warehouse: DuckDBWarehouse, name: string): string {
  return warehouse.dialect.relation(seedCatalog, seedSchema, name);
}

/** Reads every seed once to digest it; a file that is gone is E706. */
export function digestSeeds(root: string, seeds: Iterable<SeedFile>): Promise<readonly DigestedSeed[]> {
  return Promise.all(Array.from(seeds, (seed) => digested(root, seed)));
}

async function digested(root: string, seed: SeedFile): Promise<DigestedSeed> {
  const file = path.resolve(root, seed.path);
  return { ...seed, file: seed.path, path: file, digest: await digest(seed, file) };
}

async function digest(seed: SeedFile, file: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(seed.column_types).toSorted()));
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw failure("E706", `seed ${seed.name}: ${seed.path} cannot be read`, { cause });
  }
  return hash.digest("hex");
}

/** Are exactly these seeds loaded, at these digests? The side file must be attached. */
export async function seedsAreLoaded(warehouse: DuckDBWarehouse, seeds: readonly DigestedSeed[]): Promise<boolean> {
  const loaded = await loadedDigests(warehouse);
  return loaded.size === seeds.length && seeds.every((seed) => loaded.get(seed.name)?.digest === seed.digest);
}

/**
 * Loads new and changed seeds and drops those that are gone, each in its own transaction.
 *

 */
export async function loadSeeds(warehouse: DuckDBWarehouse, seeds: readonly DigestedSeed[]): Promise<void> {
  const { dialect } = warehouse;
  const schema = dialect.relation(seedCatalog, seedSchema);
  await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await warehouse.execute(
    `CREATE TABLE IF NOT EXISTS ${loadedTable(warehouse)} (name VARCHAR, digest VARCHAR, lossy VARCHAR[])`,
  );
  const loaded = await loadedDigests(warehouse);
  const wanted = new Set(seeds.map((seed) => seed.name));
  for (const name of loaded.keys()) {
    if (!wanted.has(name))
      await warehouse.script([`DROP TABLE IF EXISTS ${seedRelation(warehouse, name)}`, forget(warehouse, name)]);
  }
  for (const seed of seeds) {
    if (loaded.get(seed.name)?.digest === seed.digest) continue;
    await loadSeed(warehouse, seed);
  }
}

/** W701 for each column of a loaded seed in which a number type took leading zeros or plus signs away. */
export async function seedWarnings(
  warehouse: DuckDBWarehouse,
  seeds: readonly DigestedSeed[],
): Promise<readonly Diagnostic[]> {
  const loaded = await loadedDigests(warehouse);
  return seeds.flatMap((seed) =>
    (loaded.get(seed.name)?.lossy ?? []).map((column): Diagnostic => ({
      code: "W701",
      severity: "warning",
      message: `seed ${seed.name}: column "${column}" was read as a number, its leading zeros or plus signs are lost`,
      at: { file: seed.file, line: 1, column: 1 },
      hint: `seeds: [ { name: ${seed.name}, column_types: { ${column}: varchar } } ]`,
    })),
  );
}

function loadedTable(warehouse: DuckDBWarehouse): string {
  return warehouse.dialect.relation(seedCatalog, "main", "loaded_seeds");
}

async function loadedDigests(
  warehouse: DuckDBWarehouse,
): Promise<ReadonlyMap<string, { digest: string; lossy: readonly string[] }>> {
  const present = await warehouse.rows(
    `SELECT 1 FROM duckdb_tables() WHERE database_name = '${seedCatalog}' AND schema_name = 'main' AND table_name = 'loaded_seeds'`,
  );
  if (present.length === 0) return new Map();
  const rows = await warehouse.rows(`SELECT name, digest, lossy FROM ${loadedTable(warehouse)}`);
  return new Map(rows.map((row) => [row["name"], { digest: row["digest"], lossy: row["lossy"] }]));
}

function forget(warehouse: DuckDBWarehouse, name: string): string {
  return `DELETE FROM ${loadedTable(warehouse)} WHERE name = ${warehouse.dialect.literal(name)}`;
}

async function loadSeed(warehouse: DuckDBWarehouse, seed: DigestedSeed): Promise<void> {
  const { dialect } = warehouse;
  try {
    const lossy = seed.format === "csv" ? await lossyColumns(warehouse, seed) : [];
    await warehouse.script([
      `CREATE OR REPLACE TABLE ${seedRelation(warehouse, seed.name)} AS ${seedQuery(warehouse, seed)}`,
      forget(warehouse, seed.name),
      `INSERT INTO ${loadedTable(warehouse)} VALUES (${dialect.literal(seed.name)}, ${dialect.literal(seed.digest)}, CAST([${lossy.map(dialect.literal).join(", ")}] AS VARCHAR[]))`,
    ]);
  } catch (error) {
    const because =
      error instanceof MillraceError && error.cause instanceof Error ? firstLine(error.cause.message) : String(error);
    throw failure("E706", `seed ${seed.name} cannot be loaded: ${because}`, {
      at: { file: seed.file, line: 1, column: 1 },
      hint: "declare types under seeds: [ { name, column_types } ], or mend the file",
      cause: error,
    });
  }
}

function seedQuery({ dialect }: DuckDBWarehouse, seed: SeedFile): string {
  const file = dialect.literal(seed.path);
  const types = Object.entries(seed.column_types).map(([column, type]) => [column, checkedType(seed, type)] as const);
  if (seed.format === "csv") {
    const declared = types.map(([column, type]) => `${dialect.literal(column)}: ${dialect.literal(type)}`).join(", ");
    return `SELECT * FROM read_csv(${file}, header = true, sample_size = -1${declared === "" ? "" : `, types = {${declared}}`})`;
  }
  const replaced = types
    .map(([column, type]) => `CAST(${dialect.quote(column)} AS ${type}) AS ${dialect.quote(column)}`)
    .join(", ");
  const reader =
    seed.format === "parquet"
      ? `read_parquet(${file})`
      : `read_json(${file}, format = 'newline_delimited', sample_size = -1)`;
  return `SELECT *${replaced === "" ? "" : ` REPLACE (${replaced})`} FROM ${reader}`;
}

function checkedType(seed: SeedFile, type: string): string {
  if (/^[A-Za-z][A-Za-z0-9_ ,()[\]]*$/.test(type)) return type;
  throw failure("E706", `seed ${seed.name}: "${type}" is not a type`, {
    hint: "types are written as in SQL: varchar, bigint, decimal(18,2), date",
  });
}

/** Columns sniffed as numbers in which some text begins with a plus or a superfluous zero. */
async function lossyColumns(warehouse: DuckDBWarehouse, seed: SeedFile): Promise<readonly string[]> {
  const { dialect } = warehouse;
  const columns = await warehouse.describe(seedQuery(warehouse, seed));
  const numbers = columns.filter(
    ({ name, family }) =>
      (family === "integer" || family === "decimal" || family === "float") && seed.column_types[name] === undefined,
  );
  if (numbers.length === 0) return [];
  const counts = numbers.map(
    ({ name }, index) => `count(*) FILTER (regexp_matches(${dialect.quote(name)}, '^\\s*(\\+|-?0[0-9])')) AS c${index}`,
  );
  const [found] = await warehouse.rows(
    `SELECT ${counts.join(", ")} FROM read_csv(${dialect.literal(seed.path)}, header = true, all_varchar = true)`,
  );
  return numbers.filter((_, index) => Number(found?.[`c${index}`]) > 0).map(({ name }) => name);
}
