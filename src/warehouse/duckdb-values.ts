import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { DuckDBTypeId } from "./duckdb-type-ids.ts";
import { floorDivide, isoMicros } from "./iso-micros.ts";

type Convert = (value: any) => unknown;

/**
 * How values of a column become plain ones, once, at the edge; null where DuckDB's own are plain already.
 *
 * Integers: number within ±2^53, else BigInt. Decimals: exact text. Timestamps: UTC ISO with microseconds and `Z`.
 * Dates: yyyy-mm-dd. Lists: arrays; structs and maps: objects; bytes: base64 unless asked for; everything else: DuckDB's text.
 */
export function converterOf(type: DuckDBType, { bytes = false } = {}): Convert | null {
  if (bytes && type.typeId === DuckDBTypeId.BLOB) return (value) => value?.bytes ?? null;
  const convert = plainConverter(type);
  return convert === null ? null : (value) => (value === null ? null : convert(value));
}

function plainConverter(type: any): Convert | null {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.SQLNULL:
      return null;
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
      return integer;
    case DuckDBTypeId.FLOAT:
      return shortestFloat;
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return (value: { micros: bigint }) => isoMicros(value.micros) ?? String(value);
    case DuckDBTypeId.TIMESTAMP_S:
      return (value: { seconds: bigint }) => isoMicros(value.seconds * 1_000_000n) ?? String(value);
    case DuckDBTypeId.TIMESTAMP_MS:
      return (value: { millis: bigint }) => isoMicros(value.millis * 1000n) ?? String(value);
    case DuckDBTypeId.TIMESTAMP_NS:
      return (value: { nanos: bigint }) => isoMicros(floorDivide(value.nanos, 1000n)) ?? String(value);
    case DuckDBTypeId.BLOB:
      return (value: { bytes: Uint8Array }) => Buffer.from(value.bytes).toString("base64");
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return list(type.valueType);
    case DuckDBTypeId.STRUCT:
      return struct(type.entryNames, type.entryTypes);
    case DuckDBTypeId.MAP:
      return map(type.keyType, type.valueType);
    default:
      return String;
  }
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A 32-bit float as the shortest number that reads back as it: 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function list(of: DuckDBType): Convert {
  const convert = converterOf(of);
  return (value: { items: readonly DuckDBValue[] }) => (convert === null ? [...value.items] : value.items.map(convert));
}

function struct(names: readonly string[], types: readonly DuckDBType[]): Convert {
  const converters = types.map((type) => converterOf(type));
  return (value: { entries: Readonly<Record<string, DuckDBValue>> }) =>
    Object.fromEntries(
      names.map((name, index) => [name, converters[index]?.(value.entries[name]) ?? value.entries[name] ?? null]),
    );
}

function map(keyType: DuckDBType, valueType: DuckDBType): Convert {
  const key = converterOf(keyType);
  const value = converterOf(valueType);
  return (found: { entries: readonly { key: DuckDBValue; value: DuckDBValue }[] }) =>
    Object.fromEntries(
      found.entries.map((entry) => [
        String(key === null ? entry.key : key(entry.key)),
        value === null ? entry.value : value(entry.value),
      ]),
    );
}
