import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Json } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { lockConflict, notOpened, warehouseError } from "./duckdb-error.ts";
import { familyOf } from "./duckdb-types.ts";
import { converterOf } from "./duckdb-values.ts";
import type { Column, ColumnBatch } from "./warehouse.ts";

/** Runs one call into DuckDB and turns its error into ours; `file` is the database file being opened, if any. */
export async function guarded<T>(call: () => Promise<T>, doing?: string, file?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    if (file === undefined) throw warehouseError(error, doing);
    throw lockConflict(error, file) ?? notOpened(error, file);
  }
}

/** A connection of its own, closed after use. */
export async function withConnection<T>(
  instance: DuckDBInstance,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await guarded(() => instance.connect());
  try {
    return await use(connection);
  } finally {
    connection.disconnectSync();
  }
}

/** Columns of a query, by DuckDB's own DESCRIBE. */
export async function describe(connection: DuckDBConnection, sql: string): Promise<readonly Column[]> {
  const found = await rowsOf(connection, `DESCRIBE ${sql}`, []);
  return found.map((row) => {
    const type = String(row["column_type"]);
    return { name: String(row["column_name"]), type, family: familyOf(type) };
  });
}

/** Rows changed by one statement. */
export function execute(connection: DuckDBConnection, sql: string, parameters: readonly Json[]): Promise<number> {
  return guarded(async () => {
    const statement = await connection.prepare(sql);
    try {
      statement.bind(parameters.map(bound));
      const result = await statement.run();
      return Number(result.rowsChanged);
    } finally {
      statement.destroySync();
    }
  });
}

/** All statements in one transaction, or none. */
export async function script(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  await guarded(() => connection.run("BEGIN"));
  try {
    for (const sql of statements) await execute(connection, sql, []);
    await guarded(() => connection.run("COMMIT"));
  } catch (error) {
    // A failed COMMIT has rolled back already, then this one is refused: the first error is the one to tell.
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** All rows of a query as objects of plain values. */
export function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Json[],
): Promise<Record<string, any>[]> {
  return guarded(async () => {
    const statement = await connection.prepare(sql);
    try {
      statement.bind(parameters.map(bound));
      const result = await statement.run();
      const names = result.deduplicatedColumnNames();
      const converters = result.columnTypes().map((type) => converterOf(type));
      const rows = await result.getRows();
      return rows.map((row) =>
        Object.fromEntries(names.map((name, index) => [name, converters[index]?.(row[index]) ?? row[index] ?? null])),
      );
    } finally {
      statement.destroySync();
    }
  });
}

/** Chunks of a query with flat memory. A connection of its own: a pending stream ends when its connection runs anything else. */
export async function* stream(instance: DuckDBInstance, sql: string, bytes: boolean): AsyncGenerator<ColumnBatch> {
  const connection = await guarded(() => instance.connect());
  try {
    const result = await guarded(() => connection.stream(sql));
    const converters = result.columnTypes().map((type) => converterOf(type, { bytes }));
    while (true) {
      const chunk = await guarded(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      const columns = chunk.getColumns().map((values, index) => {
        const convert = converters[index];
        return convert === null || convert === undefined ? values : values.map(convert);
      });
      yield { rows: chunk.rowCount, columns };
    }
  } finally {
    connection.disconnectSync();
  }
}

/** JSON parameters as DuckDB values: whole numbers exactly, lists and objects as JSON text. */
function bound(value: Json): string | number | bigint | boolean | null {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) > 2 ** 31 - 1
    ? BigInt(value)
    : (value as string | number | boolean | null);
}
