import { failure } from "../errors.ts";
import { exactJson } from "./exact-json.ts";
import { isoMicros, microsOf } from "./iso-micros.ts";
import { snowflakeDialect } from "./snowflake-dialect.ts";
import type { Column } from "./warehouse.ts";

export type Rows = AsyncIterable<readonly (readonly unknown[])[]> | Iterable<readonly (readonly unknown[])[]>;

type ToText = (value: any) => string;

/** Of JSON in one statement: far below the 16 MB of a VARIANT (docs.snowflake.com/en/sql-reference/data-types-semistructured). */
const chunkCharacters = 2_000_000;

/**
 * The one statement that appends any number of rows: they travel as JSON in one bound parameter, every value as text, and are
 * converted by their columns' types. Bound arrays would need a stage above some count, and cannot fill a VARIANT.
 */
export function insertStatement(table: string, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => snowflakeDialect.quote(name)).join(", ");
  const values = columns.map((column, index) => fromText(`value[${index}]::VARCHAR`, column)).join(", ");
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))`;
}

function fromText(text: string, { type, family }: Column): string {
  switch (family) {
    case "text":
      return text;
    case "json":
      return `PARSE_JSON(${text})`;
    case "list":
    case "struct":
      return `CAST(PARSE_JSON(${text}) AS ${type})`;
    case "binary":
      return `TO_BINARY(${text}, 'BASE64')`;
    default:
      return `CAST(${text} AS ${type})`;
  }
}

/** Rows as the statement's parameter, chunk by chunk. E701 for a row with another number of columns, or a value that does not fit. */
export async function* jsonChunks(table: string, columns: readonly Column[], rows: Rows): AsyncGenerator<string> {
  const converters = columns.map(toText);
  let pending: string[] = [];
  let characters = 0;
  for await (const block of rows) {
    for (const row of block) {
      if (row.length !== columns.length)
        throw failure("E701", `${table} has ${columns.length} columns, a row has ${row.length}`);
      const json = JSON.stringify(
        row.map((value, index) =>
          value === null || value === undefined ? null : (converters[index] as ToText)(value),
        ),
      );
      pending.push(json);
      characters += json.length;
      if (characters < chunkCharacters) continue;
      yield `[${pending.join(",")}]`;
      pending = [];
      characters = 0;
    }
  }
  if (pending.length > 0) yield `[${pending.join(",")}]`;
}

function toText({ type, family }: Column): ToText {
  switch (family) {
    case "integer":
    case "decimal":
      return fitting(Number(/,(\d+)\)$/.exec(type)?.[1] ?? 0));
    case "float":
      return (value) => String(value).replace("Infinity", "inf");
    case "timestamp":
      return timestampText("");
    case "timestamptz":
      return timestampText("+00:00");
    case "binary":
      return (value) => (typeof value === "string" ? value : Buffer.from(value).toString("base64"));
    case "json":
      // As in DuckDB's JSON columns, text is JSON already.
      return (value) => (typeof value === "string" ? value : exactJson(value));
    case "list":
    case "struct":
      return exactJson;
    default:
      return (value) => (typeof value === "object" ? exactJson(value) : String(value));
  }
}

/** Snowflake rounds to the column's places; more digits than it keeps are an error here, as on DuckDB. */
function fitting(scale: number): ToText {
  return (value) => {
    const text = String(value).trim();
    const fraction = /^[+-]?\d*(?:\.(\d*?)0*)?$/.exec(text);
    if (fraction === null || (fraction[1] ?? "").length > scale)
      throw failure("E701", `a value does not fit a NUMBER column with ${scale} places`);
    return text;
  };
}

/** In UTC; without its zone for a column that has none. Snowflake guesses formats, and this one is among those it knows. */
function timestampText(zone: "+00:00" | ""): ToText {
  return (value) => {
    const text = isoMicros(microsOf(value));
    if (text === null) throw failure("E701", "a timestamp is not of the years 0 to 9999");
    return text.replace("Z", zone);
  };
}
