import type { Json } from "../core.ts";
import { snowflakeError } from "./snowflake-error.ts";
import { silence, type SdkConnection, type SdkStatement, type SnowflakeSdk } from "./snowflake-sdk.ts";
import { columnOf } from "./snowflake-types.ts";
import { snowflakeDialect } from "./snowflake-dialect.ts";
import type { Column } from "./warehouse.ts";

export interface RunOptions {
  readonly parameters?: readonly Json[];
  /** The query tag of this statement. */
  readonly tag: string;
  readonly describeOnly?: boolean;
}

/** One login at Snowflake, with settings that do not depend on the account's. It runs a statement at a time: more come in turn. */
export interface Session {
  run(sql: string, options: RunOptions): Promise<SdkStatement>;
  close(): Promise<void>;
}

/**
 * What results and the meaning of SQL must not take from the account, its user or its defaults (R18, R26).
 *
 * A lock is waited for one minute, not 12 hours; a run that died does not go on by itself; a MERGE that would pick one of
 * several rows fails; weeks begin on Monday. `QUOTED_IDENTIFIERS_IGNORE_CASE` would fold the names that keep their case. How
 * long a statement may take is not set: that would lift a limit that the account has set for this user. Names and values:
 * docs.snowflake.com/en/sql-reference/parameters.
 */
export const sessionParameters: Readonly<Record<string, string | number | boolean>> = {
  TIMEZONE: "UTC",
  WEEK_START: 0,
  WEEK_OF_YEAR_POLICY: 0,
  AUTOCOMMIT: true,
  MULTI_STATEMENT_COUNT: 1,
  QUOTED_IDENTIFIERS_IGNORE_CASE: false,
  LOCK_TIMEOUT: 60,
  ABORT_DETACHED_QUERY: true,
  ERROR_ON_NONDETERMINISTIC_MERGE: true,
  ERROR_ON_NONDETERMINISTIC_UPDATE: true,
  TIMESTAMP_TYPE_MAPPING: "TIMESTAMP_NTZ",
  TIMESTAMP_INPUT_FORMAT: "AUTO",
  DATE_INPUT_FORMAT: "AUTO",
  TIME_INPUT_FORMAT: "AUTO",
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF6',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM',
  DATE_OUTPUT_FORMAT: "YYYY-MM-DD",
  TIME_OUTPUT_FORMAT: "HH24:MI:SS.FF6",
  BINARY_INPUT_FORMAT: "HEX",
  BINARY_OUTPUT_FORMAT: "HEX",
  JSON_INDENT: 0,
  STRICT_JSON_OUTPUT: true,
};

/** Logs in and pins the session. */
export async function openSession(
  sdk: SnowflakeSdk,
  options: Readonly<Record<string, unknown>>,
  tag: string,
): Promise<Session> {
  const connection = await connected(sdk, options);
  let before: Promise<unknown> = Promise.resolve();
  const session: Session = {
    run(sql, more) {
      const ran = before.then(() => run(connection, sql, more));
      before = ran.catch(() => undefined);
      return ran;
    },
    // What the server says to a session that is closed twice, or that it has closed itself, helps nobody.
    close: () => new Promise((done) => connection.destroy(() => done())),
  };
  const settings = Object.entries(sessionParameters).map(
    ([name, value]) => `${name} = ${snowflakeDialect.literal(value)}`,
  );
  try {
    await session.run(`ALTER SESSION SET ${settings.join(", ")}`, { tag });
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

function connected(sdk: SnowflakeSdk, options: Readonly<Record<string, unknown>>): Promise<SdkConnection> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(snowflakeError(error, "cannot connect to Snowflake"));
    try {
      const connection = sdk.createConnection(options);
      connection.connect((error) => {
        silence(sdk);
        if (error) failed(error);
        else resolve(connection);
      });
    } catch (error) {
      failed(error);
    }
  });
}

function run(
  connection: SdkConnection,
  sql: string,
  { parameters = [], tag, describeOnly }: RunOptions,
): Promise<SdkStatement> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(snowflakeError(error));
    try {
      connection.execute({
        sqlText: sql,
        ...(parameters.length === 0 ? {} : { binds: parameters.map(bound) }),
        ...(describeOnly === true ? { describeOnly } : {}),
        parameters: { QUERY_TAG: tag },
        streamResult: true,
        rowMode: "array",
        fetchAsString: ["Number", "JSON"],
        complete: (error, statement) => (error ? failed(error) : resolve(statement)),
      });
    } catch (error) {
      failed(error);
    }
  });
}

/** Lists and objects as JSON text: what is nested would be taken for a row of an array binding. */
function bound(value: Json): string | number | boolean | null {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** Columns of a statement that has run or was described. */
export function columnsOf(statement: SdkStatement): readonly Column[] {
  return (statement.getColumns() ?? []).map(columnOf);
}
