import type { ColumnFamily } from "./warehouse.ts";

const byName: Readonly<Record<string, ColumnFamily>> = {
  TINYINT: "integer",
  SMALLINT: "integer",
  INTEGER: "integer",
  BIGINT: "integer",
  HUGEINT: "integer",
  UTINYINT: "integer",
  USMALLINT: "integer",
  UINTEGER: "integer",
  UBIGINT: "integer",
  UHUGEINT: "integer",
  BIGNUM: "integer",
  FLOAT: "float",
  DOUBLE: "float",
  VARCHAR: "text",
  UUID: "text",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  TIME: "time",
  TIME_NS: "time",
  "TIME WITH TIME ZONE": "time",
  JSON: "json",
  BLOB: "binary",
};

/** What the engine needs to know of a type, from DuckDB's own name of it (`DECIMAL(18,2)`, `VARCHAR[]`, `STRUCT(…)`). */
export function familyOf(type: string): ColumnFamily {
  if (type.endsWith("]")) return "list";
  if (type.startsWith("STRUCT(") || type.startsWith("MAP(") || type.startsWith("UNION(")) return "struct";
  if (type.startsWith("DECIMAL(")) return "decimal";
  if (type.startsWith("ENUM(")) return "text";
  return byName[type] ?? "other";
}
