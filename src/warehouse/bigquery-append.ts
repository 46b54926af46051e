import { failure } from "../errors.ts";
import { bigqueryDialect as dialect } from "./bigquery-dialect.ts";
import { type Field, isRepeated, standardType } from "./bigquery-types.ts";
import { tableBeside } from "./bigquery-table.ts";
import { isoMicros, microsOf } from "./iso-micros.ts";

type Row = readonly unknown[];
type Value = {
  readonly value?: string | null;
  readonly arrayValues?: readonly Value[];
  readonly structValues?: object;
};

/** What an append needs of the warehouse. */
export interface Target {
  fieldsOf(table: string): Promise<readonly Field[]>;
  execute(sql: string, parameters: readonly object[]): Promise<unknown>;
}

/** Of one statement: a request holds 10 MB. https://cloud.google.com/bigquery/quotas#query_jobs */
const most = { characters: 4_000_000, rows: 10_000 };

/**
 * Appends rows by INSERT with one parameter, an array of rows: no load job, whose number a day and table is limited, and no
 * streaming insert, whose rows cannot be deleted for half an hour (R25). What one statement does not hold is gathered in a
 * table of its own, gone after an hour, and copied by one INSERT: all rows are there, or none.
 */
export async function appendRows(
  target: Target,
  table: string,
  rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): Promise<void> {
  const fields = await target.fieldsOf(table);
  const names = fields.map(({ name }) => dialect.quote(name)).join(", ");
  const insert = insertOf(fields, names);
  let gathered: string | null = null;
  try {
    for await (const { values, last } of blocksOf(table, fields, rows)) {
      if (gathered === null && !last) {
        gathered = tableBeside(table);
        await target.execute(
          `CREATE TABLE ${gathered} LIKE ${table} OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR))`,
          [],
        );
      }
      if (values.length > 0) await target.execute(insert(gathered ?? table), [arrayOf(fields, values)]);
    }
    if (gathered !== null) await target.execute(`INSERT INTO ${table} SELECT * FROM ${gathered}`, []);
  } finally {
    // Where it cannot be dropped it ends by itself, and the first error is the one to tell.
    if (gathered !== null) await target.execute(`DROP TABLE IF EXISTS ${gathered}`, []).catch(() => undefined);
  }
}

/** Rows as parameters, in blocks that one statement holds. */
async function* blocksOf(
  table: string,
  fields: readonly Field[],
  rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<{ readonly values: readonly Value[]; readonly last: boolean }> {
  let [values, characters]: [Value[], number] = [[], 0];
  for await (const block of rows) {
    for (const row of block) {
      if (row.length !== fields.length)
        throw failure("E720", `${table} has ${fields.length} columns, a row has ${row.length}`);
      const value = rowOf(fields, row);
      const size = JSON.stringify(value).length;
      if (values.length === most.rows || (values.length > 0 && characters + size > most.characters)) {
        yield { values, last: false };
        [values, characters] = [[], 0];
      }
      values.push(value);
      characters += size;
    }
  }
  yield { values, last: true };
}

function insertOf(fields: readonly Field[], names: string): (into: string) => string {
  const values = fields.map((field, index) => (parser(field) ?? String)(`r.c${index}`)).join(", ");
  return (into) => `INSERT INTO ${into} (${names}) SELECT ${values} FROM UNNEST(?) AS r`;
}

/** Types that travel as text and are parsed there: of JSON and bytes as parameters nothing is documented, and decimals keep every digit. */
const parsers: Readonly<Record<string, (text: string) => string>> = {
  // Numbers that no double holds are rounded, as DuckDB rounds them.
  JSON: (text) => `PARSE_JSON(${text}, wide_number_mode => 'round')`,
  NUMERIC: (text) => `PARSE_NUMERIC(${text})`,
  BIGNUMERIC: (text) => `PARSE_BIGNUMERIC(${text})`,
  BYTES: (text) => `FROM_BASE64(${text})`,
};

const parser = (field: Field): ((text: string) => string) | undefined =>
  isRepeated(field) ? undefined : parsers[standardType(field)];

const arrayOf = (fields: readonly Field[], arrayValues: readonly Value[]): object => ({
  parameterType: {
    type: "ARRAY",
    arrayType: {
      type: "STRUCT",
      structTypes: fields.map((field, index) => ({
        name: `c${index}`,
        type: parser(field) === undefined ? typeOf(field) : { type: "STRING" },
      })),
    },
  },
  parameterValue: { arrayValues },
});

function typeOf(field: Field): object {
  const type = standardType(field);
  const one =
    type === "STRUCT"
      ? { type, structTypes: (field.fields ?? []).map((member) => ({ name: member.name, type: typeOf(member) })) }
      : { type };
  return isRepeated(field) ? { type: "ARRAY", arrayType: one } : one;
}

const rowOf = (fields: readonly Field[], row: Row): Value => ({
  structValues: Object.fromEntries(fields.map((field, index) => [`c${index}`, valueOf(field, row[index])])),
});

function valueOf(field: Field, value: unknown): Value {
  if (isRepeated(field)) {
    const items = (value ?? []) as readonly unknown[];
    return { arrayValues: items.map((item) => valueOf({ ...field, mode: "NULLABLE" }, item)) };
  }
  if (value === null || value === undefined) return { value: null };
  if (standardType(field) === "STRUCT") {
    const members = value as Readonly<Record<string, unknown>>;
    return {
      structValues: Object.fromEntries(
        (field.fields ?? []).map((member) => [member.name, valueOf(member, members[member.name])]),
      ),
    };
  }
  return { value: textOf(standardType(field), value) };
}

function textOf(type: string, value: unknown): string {
  if (type === "TIMESTAMP" || type === "DATETIME") {
    const iso = isoMicros(microsOf(value as string | number | Date)) ?? String(value);
    return type === "TIMESTAMP" ? iso.replace("T", " ").replace("Z", "+00:00") : iso.slice(0, -1);
  }
  if (type === "BYTES") return typeof value === "string" ? value : Buffer.from(value as Uint8Array).toString("base64");
  // Objects as JSON, so that columns of JSON take plain values.
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
