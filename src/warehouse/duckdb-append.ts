import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { failure } from "../errors.ts";
import { DuckDBTypeId } from "./duckdb-type-ids.ts";
import { microsOf } from "./iso-micros.ts";

type Api = typeof import("@duckdb/node-api");
type ToDuckDB = (value: any) => DuckDBValue;
type Rows = AsyncIterable<readonly (readonly unknown[])[]> | Iterable<readonly (readonly unknown[])[]>;

/** Rows of one data chunk: DuckDB's own vector size. */
const chunkRows = 2048;

/**
 * Appends rows to a table by DuckDB's appender, chunk by chunk; values as `read` gives them, types from the table.
 * Nothing is kept when it throws before the end.
 */
export async function appendRows(api: Api, connection: DuckDBConnection, table: string, rows: Rows): Promise<void> {
  const [name = "", schema = null, catalog = null] = relationParts(table).toReversed();
  const appender = await connection.createAppender(name, schema, catalog);
  const types = Array.from({ length: appender.columnCount }, (_, index) => appender.columnType(index));
  const converters = types.map((type) => toDuckDB(api, type));
  let pending: (readonly unknown[])[] = [];
  const flush = (): void => {
    const chunk = api.DuckDBDataChunk.create(types, pending.length);
    converters.forEach((convert, column) => {
      const values = pending.map((row) => {
        const value = row[column];
        return value === null || value === undefined ? null : convert(value);
      });
      chunk.setColumnValues(column, values);
    });
    appender.appendDataChunk(chunk);
    pending = [];
  };
  for await (const block of rows) {
    for (const row of block) {
      if (row.length !== types.length)
        throw failure("E701", `${table} has ${types.length} columns, a row has ${row.length}`);
      pending.push(row);
      if (pending.length === chunkRows) flush();
    }
  }
  if (pending.length > 0) flush();
  appender.closeSync();
}

/** `"a"."b""c".d` -> a, b"c, d. */
export function relationParts(relation: string): string[] {
  const parts = relation.match(/"(?:[^"]|"")*"|[^".]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.trim()));
}

function toDuckDB(api: Api, type: any): ToDuckDB {
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
      return BigInt;
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.ENUM:
      return (value) => value;
    case DuckDBTypeId.VARCHAR:
      return text;
    case DuckDBTypeId.DECIMAL:
      return (value) => new api.DuckDBDecimalValue(scaled(String(value), type.scale), type.width, type.scale);
    case DuckDBTypeId.TIMESTAMP:
      return (value) => new api.DuckDBTimestampValue(microsOf(value));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return (value) => new api.DuckDBTimestampTZValue(microsOf(value));
    case DuckDBTypeId.DATE:
      return (value) => new api.DuckDBDateValue(Number(microsOf(`${value}T00:00:00Z`) / 86_400_000_000n));
    case DuckDBTypeId.TIME:
      return (value) => new api.DuckDBTimeValue(microsOf(`1970-01-01T${value}Z`));
    case DuckDBTypeId.BLOB:
      return (value) => new api.DuckDBBlobValue(typeof value === "string" ? Buffer.from(value, "base64") : value);
    case DuckDBTypeId.LIST:
      return list(api, type.valueType);
    case DuckDBTypeId.STRUCT:
      return struct(api, type.entryNames, type.entryTypes);
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return Number;
    default:
      throw failure("E701", `rows cannot be appended to a column of type ${String(type)}`);
  }
}

/** Text as it is; anything else as JSON, so that JSON columns take plain values. */
function text(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function list(api: Api, of: DuckDBType): ToDuckDB {
  const convert = toDuckDB(api, of);
  return (value: readonly unknown[]) =>
    api.listValue(value.map((item) => (item === null || item === undefined ? null : convert(item))));
}

function struct(api: Api, names: readonly string[], types: readonly DuckDBType[]): ToDuckDB {
  const converters = types.map((type) => toDuckDB(api, type));
  return (value: Readonly<Record<string, unknown>>) =>
    api.structValue(
      Object.fromEntries(
        names.map((name, index) => {
          const member = value[name];
          return [name, member === null || member === undefined ? null : (converters[index] as ToDuckDB)(member)];
        }),
      ),
    );
}

/** Exact decimal text as an integer scaled by 10^scale; more digits than the column keeps are an error, not a rounding. */
function scaled(value: string, scale: number): bigint {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(value.trim());
  const [, sign = "", whole = "", fraction = ""] = found ?? [];
  const kept = fraction.replace(/0+$/, "");
  if (found === null || whole + fraction === "" || kept.length > scale) {
    throw failure("E701", `a value does not fit a DECIMAL column with ${scale} places`);
  }
  return BigInt(`${sign === "-" ? "-" : ""}${whole || "0"}${kept.padEnd(scale, "0")}`);
}
