import { appendRows } from "./duckdb-append.ts";
import { duckdbDialect } from "./duckdb-dialect.ts";
import { describe, execute, guarded, rowsOf, script, stream, withConnection } from "./duckdb-statements.ts";
import type { Warehouse } from "./warehouse.ts";

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

  let statements = 0;
  const counted = <T>(result: T, count = 1): T => {
    statements += count;
    return result;
  };

  const warehouse: DuckDBWarehouse = {
    type: "duckdb",
    dialect: duckdbDialect,
    capabilities: {
      transactionalDdl: true,
      bulkRead: "stream",
      costEstimate: false,
      severalInOne: false,
      concurrentWriters: false,
    },
    engine: String(about?.["engine"]),
    describe: (sql) => describe(main, sql),
    execute: (sql, parameters = []) => counted(execute(main, sql, parameters)),
    script: (list) =>
      counted(
        withConnection(instance, (connection) => script(connection, list)),
        list.length,
      ),
    rows: (sql, parameters = []) => counted(rowsOf(main, sql, parameters)),
    read: (sql, { bytes = false } = {}) => counted(stream(instance, sql, bytes)),
    append: (table, rows) =>
      counted(
        withConnection(instance, (connection) =>
          guarded(() => appendRows(api, connection, table, rows), `append to ${table}`),
        ),
      ),
    estimate: () => Promise.resolve(null),
    usage: () => ({ statements, bytes: 0 }),
    labelled: () => warehouse,
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
  return warehouse;
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
