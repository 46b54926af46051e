import type { Column, ColumnFamily } from "./warehouse.ts";

/** A field of a schema as the REST API has it: legacy or standard names of types. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly Field[];
}

/** Names of the REST API that SQL does not have. */
const standardNames: Readonly<Record<string, string>> = {
  INTEGER: "INT64",
  FLOAT: "FLOAT64",
  BOOLEAN: "BOOL",
  RECORD: "STRUCT",
  DECIMAL: "NUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
};

const families: Readonly<Record<string, ColumnFamily>> = {
  INT64: "integer",
  NUMERIC: "decimal",
  BIGNUMERIC: "decimal",
  FLOAT64: "float",
  STRING: "text",
  BOOL: "boolean",
  DATE: "date",
  DATETIME: "timestamp",
  TIMESTAMP: "timestamptz",
  TIME: "time",
  STRUCT: "struct",
  JSON: "json",
  BYTES: "binary",
};

/** The type's name in SQL, without lengths: `INTEGER` -> `INT64`. */
export const standardType = ({ type }: Field): string => standardNames[type.toUpperCase()] ?? type.toUpperCase();

export const isRepeated = ({ mode }: Field): boolean => mode?.toUpperCase() === "REPEATED";

/** What the engine needs to know of a field. */
export const familyOf = (field: Field): ColumnFamily =>
  isRepeated(field) ? "list" : (families[standardType(field)] ?? "other");

/** The type as SQL writes it: `ARRAY<STRUCT<kind STRING, n INT64>>`. Names inside are not quoted: it is for reading. */
export function typeText(field: Field): string {
  const members = (field.fields ?? []).map((member) => `${member.name} ${typeText(member)}`);
  const type = standardType(field) === "STRUCT" ? `STRUCT<${members.join(", ")}>` : standardType(field);
  return isRepeated(field) ? `ARRAY<${type}>` : type;
}

export const columnOf = (field: Field): Column => ({
  name: field.name,
  type: typeText(field),
  family: familyOf(field),
});
