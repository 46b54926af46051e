/** SQL of the rows a sync wants at its destination: key, fingerprints' inputs and raw columns, nothing sent yet. */
import type { ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import type { Shape, ShapedField } from "./shape.ts";

const familyOf = (shape: Shape, column: string): ColumnFamily => shape.families.get(column) ?? "other";

/** Columns the wanted rows must carry, each once: keys, identifiers, countries, mapped columns. */
export function neededColumns(shape: Shape): readonly string[] {
  const names = [
    ...shape.keyColumns.map((column) => column.name),
    ...shape.identifiers.flatMap(({ column, country }) =>
      country.column === undefined ? [column] : [column, country.column],
    ),
    ...shape.fields.flatMap((field) => field.columns),
  ];
  return [...new Set(names)];
}

/** The ledger's `k`: canonical text of the key, a JSON array of texts when it is composite; NULL where a part is NULL. */
export function keyExpression(
  dialect: Dialect,
  shape: Pick<Shape, "keyColumns">,
  quote: (column: string) => string,
): string {
  const texts = shape.keyColumns.map((column) => dialect.keyText(quote(column.name), column.family));
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return only;
  const someNull = texts.map((text) => `${text} IS NULL`).join(" OR ");
  return `CASE WHEN ${someNull} THEN NULL ELSE ${dialect.textsJson(texts)} END`;
}

/** The key as it travels: a JSON scalar, or an array when composite. */
export function keyJson(dialect: Dialect, shape: Shape, quote: (column: string) => string): string {
  const parts = shape.keyColumns.map((column) => dialect.wireJson(quote(column.name), column.family));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : `'[' || ${parts.join(" || ',' || ")} || ']'`;
}

/** The same JSON made from the ledger's `k`, for rows that left the model: both forms must be equal byte for byte. */
export function keyJsonOfText(dialect: Dialect, shape: Pick<Shape, "keyColumns">, k: string): string {
  const json = (text: string, family: ColumnFamily): string => {
    if (family === "boolean") return text;
    if (family !== "integer") return dialect.textJson(text);
    const safe = `${dialect.wholeNumber(text)} BETWEEN -9007199254740991 AND 9007199254740991`;
    return `CASE WHEN ${safe} THEN ${text} ELSE '"' || ${text} || '"' END`;
  };
  const [only] = shape.keyColumns;
  if (shape.keyColumns.length === 1 && only !== undefined) return json(k, only.family);
  const parts = shape.keyColumns.map(({ family }, index) => json(dialect.textAt(k, index), family));
  return `'[' || ${parts.join(" || ',' || ")} || ']'`;
}

/** The values a print covers, in a fixed order: identifiers with their countries, then fields by destination name. */
export function printedColumns(shape: Shape): readonly string[] {
  return [
    ...shape.identifiers.flatMap(({ column, country }) =>
      country.column === undefined ? [column] : [column, country.column],
    ),
    ...shape.fields.flatMap((field) => field.columns),
  ];
}

/** Stable fingerprint over canonical texts; the header makes it change with names, constants, templates and normalisers. */
export function stablePrint(dialect: Dialect, shape: Shape, quote: (column: string) => string): string {
  const texts = printedColumns(shape).map((column) => dialect.canonical(quote(column), familyOf(shape, column)));
  return dialect.stablePrint([dialect.literal(shape.header), ...texts]);
}

/** Engine-bound fingerprint over raw values, or null where the dialect has none. */
export function fastPrint(dialect: Dialect, shape: Shape, quote: (column: string) => string): string | null {
  return dialect.fastPrint([dialect.literal(shape.header), ...printedColumns(shape).map(quote)]);
}

/** `{destination field: value}` as JSON text: templates and lookups give the object of the columns they read. */
export function fieldsJson(dialect: Dialect, shape: Shape, quote: (column: string) => string): string {
  return dialect.jsonObject(shape.fields.map((field) => [field.to, fieldJson(dialect, shape, field, quote)] as const));
}

function fieldJson(dialect: Dialect, shape: Shape, field: ShapedField, quote: (column: string) => string): string {
  const wire = (column: string): string => dialect.wireJson(quote(column), familyOf(shape, column));
  const { mapping } = field;
  if ("value" in mapping) return dialect.literal(JSON.stringify(mapping.value));
  if ("from" in mapping) return wire(mapping.from);
  return dialect.jsonObject(field.columns.map((column) => [column, wire(column)] as const));
}
