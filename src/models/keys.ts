import type { Location } from "../core.ts";
import { failure } from "../errors.ts";
import type { ModelSpec } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Column, Dialect } from "../warehouse/warehouse.ts";

export interface KeyedInput {
  /** A SELECT of the rows. */
  readonly query: string;
  readonly key: readonly Column[];
  /** Columns whose values make two rows of one key copies of each other. */
  readonly payload: readonly Column[];
  /** All columns the rows shall carry; key and payload among them. */
  readonly columns: readonly Column[];
  readonly onDuplicateKey?: ModelSpec["on_duplicate_key"];
  /** Where on_duplicate_key stands. */
  readonly at?: Location;
}

/** The SQL of decision 30. */
export interface KeyedRows {
  /** Rows with a key, nothing collapsed: enough when `counts` found neither copies nor differing rows. */
  readonly plain: string;
  /** One row a key: copies collapse, differing rows leave the first by `order_by`. */
  readonly collapsed: string;
  /** One row: total, null_keys, copies (rows beyond the first of equal ones), differing (keys whose rows are not equal). */
  readonly counts: string;
  /** Keys (`k`, the key's text) with differing rows and how many, at most five. */
  readonly differing: string;
}

/** Builds the queries around keys that are missing or stand twice; which of them stop a run is the caller's to judge. */
export function keyedRows(dialect: Dialect, input: KeyedInput): KeyedRows {
  const { key, payload, columns, onDuplicateKey } = input;
  const quoted = (list: readonly Column[]): string => list.map(({ name }) => dialect.quote(name)).join(", ");
  const from = `(\n${input.query}\n) q`;
  const present = key.map(({ name }) => `${dialect.quote(name)} IS NOT NULL`).join(" AND ");
  const text = `CASE WHEN ${present} THEN ${keyText(dialect, key)} END`;
  const print = contentPrint(dialect, payload);
  const order = [
    ...(onDuplicateKey === undefined ? [] : ordering(dialect, input, onDuplicateKey.order_by)),
    print,
  ].join(", ");
  const groups = `SELECT k, count(*) AS n, min(p) AS low, max(p) AS high FROM (SELECT ${text} AS k, ${print} AS p FROM ${from}) GROUP BY k`;
  return {
    plain: `SELECT ${quoted(columns)} FROM ${from} WHERE ${present}`,
    collapsed: `SELECT ${quoted(columns)} FROM ${from} WHERE ${present} QUALIFY row_number() OVER (PARTITION BY ${keyText(dialect, key)} ORDER BY ${order}) = 1`,
    counts: `SELECT CAST(coalesce(sum(n), 0) AS BIGINT) AS total, CAST(coalesce(sum(n) FILTER (k IS NULL), 0) AS BIGINT) AS null_keys, \
CAST(coalesce(sum(n - 1) FILTER (k IS NOT NULL AND low = high), 0) AS BIGINT) AS copies, count(*) FILTER (k IS NOT NULL AND low <> high) AS differing FROM (${groups})`,
    differing: `SELECT k, n FROM (${groups}) WHERE k IS NOT NULL AND low <> high ORDER BY n DESC, k LIMIT 5`,
  };
}

function keyText(dialect: Dialect, key: readonly Column[]): string {
  const texts = key.map(({ name, family }) => dialect.keyText(dialect.quote(name), family));
  return texts.length === 1 ? (texts[0] as string) : `CAST(to_json([${texts.join(", ")}]) AS VARCHAR)`;
}

function contentPrint(dialect: Dialect, payload: readonly Column[]): string {
  const names = payload.map(({ name }) => dialect.quote(name));
  return (
    dialect.fastPrint(names) ??
    dialect.stablePrint(payload.map(({ name, family }) => dialect.canonical(dialect.quote(name), family)))
  );
}

/** `updated_at desc, id`: columns of the model only, so that no other SQL comes in here. E239 otherwise. */
function ordering(dialect: Dialect, { columns, at }: KeyedInput, orderBy: string): readonly string[] {
  const place = at === undefined ? {} : { at };
  return orderBy.split(",").map((part) => {
    const [, name = "", direction = "asc"] = /^\s*"?([^"\s]+)"?(?:\s+(asc|desc))?\s*$/i.exec(part) ?? [];
    const column = columns.find((each) => each.name === name);
    if (column === undefined) {
      throw failure("E239", `on_duplicate_key: "${part.trim()}" is not a column with asc or desc`, {
        ...place,
        hint:
          didYouMean(
            name,
            columns.map((each) => each.name),
          ) ?? "",
      });
    }
    return `${dialect.quote(name)} ${direction} NULLS LAST`;
  });
}
