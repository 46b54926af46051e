/** Writes rows as Parquet through a DuckDB of its own: columns are typed by their values. */
import { rm, writeFile } from "node:fs/promises";
import type { Json } from "../core.ts";
import { openDuckDB } from "../warehouse/duckdb.ts";

/** All rows at once: a batch of a `file` destination. */
export async function writeParquet(
  file: string,
  columns: readonly string[],
  rows: readonly (readonly Json[])[],
): Promise<void> {
  const warehouse = await openDuckDB();
  const source = `${file}.json`;
  try {
    const objects = rows.map((row) =>
      JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null]))),
    );
    await writeFile(source, objects.join("\n"), { mode: 0o600 });
    const { quote, literal } = warehouse.dialect;
    const empty = `SELECT ${columns.map((name) => `CAST(NULL AS VARCHAR) AS ${quote(name)}`).join(", ")} WHERE FALSE`;
    const read = `SELECT ${columns.map(quote).join(", ")} FROM read_json(${literal(source)}, format = 'newline_delimited', sample_size = -1)`;
    await warehouse.execute(`COPY (${rows.length === 0 ? empty : read}) TO ${literal(file)} (FORMAT parquet)`);
  } finally {
    await warehouse.close();
    await rm(source, { force: true });
  }
}
