import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Json } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { appendRows } from "./duckdb-append.ts";
import { duckdbDialect } from "./duckdb-dialect.ts";
import { lockConflict, notOpened, warehouseError } from "./duckdb-error.ts";
import { familyOf } from "./duckdb-types.ts";
import { converterOf } from "./duckdb-values.ts";
import type { Column, ColumnBatch, Warehouse } from "./warehouse.ts";

export interface DuckDBOptions {
  /** The main database; default `:memory:`, which every connection of this warehouse sees as catalog `memory`. */
  readonly path?: string;
  readonly threads?: number;
  /** `2GB`. */
  readonly memoryLimit?: string;
  /** Where sorts and joins spill. */
  readonly tempDirectory?: string;
}

/** DuckDB with what only it has: files to attach and the cage for SQL of models. */
export interface DuckDBWarehouse extends Warehouse {
  readonly type: "duckdb";
  /** `v1.5.6 linux_amd64`: what a fast print is bound to. */
  readonly engine: string;
  /**
   * Attaches a database file; `:memory:` makes an empty one. A file that another process holds is E501.
   *
   * What is written goes to the log beside it and stays there: nothing is checkpointed but by `CHECKPOINT` (./duckdb-fold.ts).
   */
  attach(path: string, alias: string, options?: { readonly readOnly?: boolean }): Promise<void>;
  detach(alias: string): Promise<void>;
  /**
   * From now on nothing outside the attached files, the spill folder and `allowed` can be read or written, nothing can
   * be attached from disk or loaded, and no setting can be changed: not by this program either.
   */
  closeCage(allowed?: { readonly directories?: readonly string[]; readonly files?: readonly string[] }): Promise<void>;
  /** Stops the statement that `execute` or `rows` runs. */
  interrupt(): void;
}

/** From 1.4 on a log names the state of the file it belongs to: beside another one it is refused, not played. */
const storage = "v1.4.0";

/** Opens DuckDB; the native module is loaded here and not before. */
export async function openDuckDB(options: DuckDBOptions = {}): Promise<DuckDBWarehouse> {
  const api = await import("@duckdb/node-api");
  const path = options.path ?? ":memory:";
  const instance = await guarded(
    () => api.DuckDBInstance.create(path, settingsOf(options)),
    `cannot open ${path}`,
    path,
  );
  const main = await instance.connect();
  await guarded(() => main.run("SET GLOBAL TimeZone = 'UTC'"));
  if (options.path === undefined) await guarded(() => main.run("PRAGMA disable_checkpoint_on_shutdown"));
  const [about] = await rowsOf(
    main,
    "SELECT version() || ' ' || (SELECT platform FROM pragma_platform()) AS engine",
    [],
  );

  return {
    type: "duckdb",
    dialect: duckdbDialect,
    engine: String(about?.["engine"]),
    describe: (sql) => describe(main, sql),
    execute: (sql, parameters = []) => execute(main, sql, parameters),
    script: (statements) => withConnection(instance, (connection) => script(connection, statements)),
    rows: (sql, parameters = []) => rowsOf(main, sql, parameters),
    read: (sql, { bytes = false } = {}) => stream(instance, sql, bytes),
    append: (table, rows) =>
      withConnection(instance, (connection) =>
        guarded(() => appendRows(api, connection, table, rows), `append to ${table}`),
      ),
    async attach(file, alias, { readOnly = false } = {}) {
      const mode = file === ":memory:" ? "" : readOnly ? " (READ_ONLY)" : ` (READ_WRITE, STORAGE_VERSION '${storage}')`;
      const sql = `ATTACH ${duckdbDialect.literal(file)} AS ${duckdbDialect.quote(alias)}${mode}`;
      await guarded(() => main.run(sql), `cannot open ${file}`, file);
    },
    async detach(alias) {
      await guarded(() => main.run(`DETACH ${duckdbDialect.quote(alias)}`));
    },
    async closeCage({ directories = [], files = [] } = {}) {
      await guarded(() => main.run(`SET GLOBAL allowed_directories = ${listLiteral(directories)}`));
      await guarded(() => main.run(`SET GLOBAL allowed_paths = ${listLiteral(files)}`));
      await guarded(() => main.run("SET GLOBAL enable_external_access = false"));
      await guarded(() => main.run("SET GLOBAL lock_configuration = true"));
    },
    interrupt: () => main.interrupt(),
    async close() {
      main.disconnectSync();
      instance.closeSync();
    },
  };
}

function listLiteral(paths: readonly string[]): string {
  return `[${paths.map(duckdbDialect.literal).join(", ")}]`;
}

function settingsOf({ path, threads, memoryLimit, tempDirectory }: DuckDBOptions): Record<string, string> {
  return {
    // Beyond reach: files that are attached are never checkpointed in place.
    ...(path === undefined ? { checkpoint_threshold: "1000TB" } : {}),
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(threads === undefined ? {} : { threads: String(threads) }),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    ...(tempDirectory === undefined ? {} : { temp_directory: tempDirectory }),
  };
}

/** Runs one call into DuckDB and turns its error into ours; `file` is the database file being opened, if any. */
async function guarded<T>(call: () => Promise<T>, doing?: string, file?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    if (file === undefined) throw warehouseError(error, doing);
    throw lockConflict(error, file) ?? notOpened(error, file);
  }
}

async function withConnection<T>(
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

async function describe(connection: DuckDBConnection, sql: string): Promise<readonly Column[]> {
  const found = await rowsOf(connection, `DESCRIBE ${sql}`, []);
  return found.map((row) => {
    const type = String(row["column_type"]);
    return { name: String(row["column_name"]), type, family: familyOf(type) };
  });
}

function execute(connection: DuckDBConnection, sql: string, parameters: readonly Json[]): Promise<number> {
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

async function script(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
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

function rowsOf(
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
async function* stream(instance: DuckDBInstance, sql: string, bytes: boolean): AsyncGenerator<ColumnBatch> {
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
