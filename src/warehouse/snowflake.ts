import type { Json } from "../core.ts";
import { insertStatement, jsonChunks, type Rows } from "./snowflake-append.ts";
import { snowflakeDialect, storedName } from "./snowflake-dialect.ts";
import { snowflakeError } from "./snowflake-error.ts";
import { connectionOptions, queryTag, type SnowflakeOptions } from "./snowflake-options.ts";
import { limitRetries } from "./snowflake-retries.ts";
import { loadSnowflakeSdk, type SdkStatement } from "./snowflake-sdk.ts";
import { columnsOf, openSession, type Session } from "./snowflake-session.ts";
import { converterOf } from "./snowflake-values.ts";
import type { ColumnBatch, Labels, Warehouse } from "./warehouse.ts";

/** DDL ends the transaction it stands in (docs.snowflake.com/en/sql-reference/transactions#ddl). */
const committing = /^\s*(CREATE|ALTER|DROP|UNDROP|TRUNCATE|COMMENT|GRANT|REVOKE|RENAME|USE)\b/i;

/** Rows of one batch of a stream, as many as DuckDB's chunks have. */
const batchRows = 2048;

/**
 * Opens Snowflake through the optional package `snowflake-sdk`, and logs in.
 *
 * `script` and `append` work in sessions of their own, where temporary tables of the first one are not seen. Statements and
 * streams share the first session: a result is finished at Snowflake before its first row comes, and nothing ends it.
 * E719 without the package; E735 to E740 for what the options can mend.
 */
export async function openSnowflake(options: SnowflakeOptions): Promise<Warehouse> {
  const login = connectionOptions(options);
  const sdk = loadSnowflakeSdk(options.projectFolder);
  limitRetries(options.projectFolder);
  const open = (tag: string): Promise<Session> => openSession(sdk, login, tag);
  const main = await open(queryTag(options.labels ?? {}));
  return warehouseOf({ main, open, idle: [], all: new Set([main]), usage: { statements: 0 } }, options);
}

interface Connections {
  readonly main: Session;
  readonly open: (tag: string) => Promise<Session>;
  /** Sessions for transactions that nobody uses now. */
  readonly idle: Session[];
  readonly all: Set<Session>;
  readonly usage: { statements: number };
}

function warehouseOf(connections: Connections, options: SnowflakeOptions): Warehouse {
  const { main, usage } = connections;
  const labels = options.labels ?? {};
  const tag = queryTag(labels);
  const run = (session: Session, sql: string, parameters: readonly Json[] = []): Promise<SdkStatement> => {
    usage.statements += 1;
    return session.run(sql, { parameters, tag });
  };
  const describe = async (sql: string) => columnsOf(await main.run(sql, { tag, describeOnly: true }));

  return {
    type: "snowflake",
    dialect: snowflakeDialect,
    capabilities: {
      transactionalDdl: false,
      bulkRead: "stream",
      costEstimate: false,
      severalInOne: false,
      concurrentWriters: true,
    },
    describe,
    execute: async (sql, parameters = []) => Math.max(0, (await run(main, sql, parameters)).getNumUpdatedRows() ?? 0),
    async script(statements) {
      const ddl = statements.find((sql) => committing.test(sql));
      if (ddl !== undefined)
        throw new TypeError(`a script holds DML only, Snowflake commits before ${ddl.slice(0, 40)}`);
      await transaction(connections, tag, async (session) => {
        for (const sql of statements) await run(session, sql);
      });
    },
    async rows(sql, parameters = []) {
      const statement = await run(main, sql, parameters);
      const names = columnsOf(statement).map(({ name }) => name);
      const found: Record<string, unknown>[] = [];
      for await (const { rows, columns } of batches(statement, false))
        for (let row = 0; row < rows; row += 1)
          found.push(Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row]])));
      return found;
    },
    async *read(sql, { bytes = false } = {}) {
      yield* batches(await run(main, sql), bytes);
    },
    async append(table, rows: Rows) {
      const columns = await describe(`SELECT * FROM ${table}`);
      const sql = insertStatement(table, columns);
      await transaction(connections, tag, async (session) => {
        for await (const chunk of jsonChunks(table, columns, rows)) await run(session, sql, [chunk]);
      });
    },
    estimate: () => Promise.resolve(null),
    usage: () => ({ statements: usage.statements, bytes: 0 }),
    labelled: (more: Labels) => warehouseOf(connections, { ...options, labels: { ...labels, ...more } }),
    async hasSchema([database = "", schema = ""]) {
      const names = [database, schema].map((name) => snowflakeDialect.literal(storedName(name)));
      const sql = `SELECT 1 AS one FROM INFORMATION_SCHEMA.SCHEMATA WHERE catalog_name = ${names[0]} AND schema_name = ${names[1]}`;
      return (await this.rows(sql)).length > 0;
    },
    async close() {
      await Promise.all([...connections.all].map((session) => session.close()));
    },
  };
}

/** A session that nobody else uses, between BEGIN and COMMIT; one that could not roll back is not used again. */
async function transaction(
  { open, idle, all }: Connections,
  tag: string,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = idle.pop() ?? (await open(tag));
  all.add(session);
  try {
    await session.run("BEGIN", { tag });
    await work(session);
    await session.run("COMMIT", { tag });
  } catch (error) {
    try {
      await session.run("ROLLBACK", { tag });
      idle.push(session);
    } catch {
      // The end of the session rolls back; the first error is the one to tell.
      all.delete(session);
      await session.close();
    }
    throw error;
  }
  idle.push(session);
}

/** Rows of a statement that has run, in columns; the next ones are fetched when these were taken. */
async function* batches(statement: SdkStatement, bytes: boolean): AsyncGenerator<ColumnBatch> {
  const converters = columnsOf(statement).map((column) => converterOf(column, { bytes }));
  let pending: (readonly unknown[])[] = [];
  const batch = (): ColumnBatch => {
    const rows = pending;
    pending = [];
    return {
      rows: rows.length,
      columns: converters.map((convert, index) =>
        rows.map((row) => (convert === null ? row[index] : convert(row[index]))),
      ),
    };
  };
  try {
    for await (const row of statement.streamRows()) {
      pending.push(row);
      if (pending.length === batchRows) yield batch();
    }
  } catch (error) {
    throw snowflakeError(error);
  }
  if (pending.length > 0) yield batch();
}
