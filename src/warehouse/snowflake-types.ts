import { nameOf } from "./snowflake-dialect.ts";
import type { SdkColumn } from "./snowflake-sdk.ts";
import type { Column, ColumnFamily } from "./warehouse.ts";

/** Names of types in the driver's metadata: docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-consume. */
const byType: Readonly<Record<string, { readonly name: string; readonly family: ColumnFamily }>> = {
  real: { name: "FLOAT", family: "float" },
  text: { name: "VARCHAR", family: "text" },
  boolean: { name: "BOOLEAN", family: "boolean" },
  date: { name: "DATE", family: "date" },
  timestamp_ntz: { name: "TIMESTAMP_NTZ", family: "timestamp" },
  timestamp_ltz: { name: "TIMESTAMP_LTZ", family: "timestamptz" },
  timestamp_tz: { name: "TIMESTAMP_TZ", family: "timestamptz" },
  time: { name: "TIME", family: "time" },
  binary: { name: "BINARY", family: "binary" },
  variant: { name: "VARIANT", family: "json" },
  object: { name: "OBJECT", family: "struct" },
  array: { name: "ARRAY", family: "list" },
  map: { name: "MAP", family: "struct" },
};

/** A column of a result: `NUMBER(38,0)` is an integer, `NUMBER(10,2)` a decimal; a type that is not listed is `other`. */
export function columnOf(column: SdkColumn): Column {
  const name = nameOf(column.getName());
  const type = column.getType().toLowerCase();
  if (type !== "fixed") return { name, ...named(byType[type] ?? { name: type.toUpperCase(), family: "other" }) };
  const scale = column.getScale() ?? 0;
  const family = scale === 0 ? "integer" : "decimal";
  return { name, type: `NUMBER(${column.getPrecision() ?? 38},${scale})`, family };
}

const named = ({ name, family }: { readonly name: string; readonly family: ColumnFamily }): Omit<Column, "name"> => ({
  type: name,
  family,
});
