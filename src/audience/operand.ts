/** One operator of a leaf over one expression, as SQL that is NULL exactly where the expression is NULL. */
import { parseDuration } from "../project/duration.ts";
import { quoteText } from "../project/suggest.ts";
import type { FieldLeaf, FieldOperator, Moment, Scalar } from "../project/schema/rule.ts";
import type { ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import { instantBefore, momentInstant, type Reference } from "./duration.ts";
import { constant, exactComparison, type Comparator } from "./number.ts";
import { isTemporal, temporalComparison, temporalRange } from "./temporal.ts";

/** An expression to compare: a column, or an aggregate of one. */
export interface Operand {
  /** The name a person reads. */
  readonly name: string;
  readonly sql: string;
  readonly type: string;
  readonly family: ColumnFamily;
}

export interface OperandTools {
  readonly dialect: Dialect;
  readonly reference: Reference;
  /** Records a problem at the operator and returns SQL that stands in for it. */
  refuse(code: "E230" | "E231", message: string, hint?: string): string;
}

const comparators: Partial<Record<FieldOperator, Comparator>> = {
  is: "=",
  is_not: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  before: "<",
  after: ">",
};

/** The operator and its value as SQL. Problems of type or form go to `refuse`. */
export function operatorSql(
  operand: Operand,
  operator: FieldOperator,
  value: NonNullable<FieldLeaf[FieldOperator]>,
  tools: OperandTools,
): string {
  switch (operator) {
    case "is_null":
      return `${operand.sql} IS NULL`;
    case "is_not_null":
      return `${operand.sql} IS NOT NULL`;
    case "is":
    case "is_not":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return compare(operand, comparators[operator]!, value as Scalar, tools);
    case "in":
    case "not_in":
      return within(operand, operator, value as readonly Scalar[], tools);
    case "between": {
      const [low, high] = value as readonly [Scalar, Scalar];
      return `(${compare(operand, ">=", low, tools)} AND ${compare(operand, "<=", high, tools)})`;
    }
    case "contains":
      return contains(operand, value as Scalar, tools);
    case "starts_with":
      if (operand.family !== "text") return misfit(operand, operator, "texts", tools);
      return `STARTS_WITH(${asText(operand)}, ${tools.dialect.literal(value as string)})`;
    case "before":
    case "after":
      if (!isTemporal(operand.family)) return misfit(operand, operator, "dates and timestamps", tools);
      return compareMoment(operand, comparators[operator]!, value as Moment, tools);
    case "within_last":
    case "not_within_last":
      return relative(operand, operator, value as string, tools);
  }
}

/** A comparison with one literal, by the family of the operand. */
function compare(operand: Operand, comparator: Comparator, value: Scalar, tools: OperandTools): string {
  const { dialect } = tools;
  const equality = comparator === "=" || comparator === "<>";
  switch (operand.family) {
    case "integer":
    case "decimal":
    case "float":
      if (typeof value !== "number" && typeof value !== "bigint") return wrongValue(operand, value, "a number", tools);
      if (operand.family === "float") return `${asDouble(operand)} ${comparator} CAST('${value}' AS DOUBLE)`;
      return exactComparison(operand.sql, operand.type, operand.family, comparator, value);
    case "text":
      if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
      return `${asText(operand)} ${comparator} ${dialect.literal(value)}`;
    case "boolean":
      if (typeof value !== "boolean") return wrongValue(operand, value, "true or false", tools);
      if (!equality) return misfit(operand, "an order", "numbers, texts, dates and timestamps", tools);
      return `${operand.sql} ${comparator} ${dialect.literal(value)}`;
    case "date":
    case "timestamp":
    case "timestamptz":
      if (typeof value !== "string") return wrongValue(operand, value, "a date or a timestamp", tools);
      return compareMoment(operand, comparator, value, tools);
    case "time":
      if (typeof value !== "string" || !/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(value))
        return wrongValue(operand, value, "a time like 09:30", tools);
      return `${operand.sql} ${comparator} CAST(${dialect.literal(value)} AS TIME)`;
    case "other":
      if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
      if (!equality) return misfit(operand, "an order", "numbers, texts, dates and timestamps", tools);
      return `CAST(${operand.sql} AS VARCHAR) ${comparator} ${dialect.literal(value)}`;
    case "list":
      return tools.refuse(
        "E230",
        `${operand.name} is a list and cannot be compared with one value`,
        "use contains: VALUE",
      );
    case "struct":
    case "json":
    case "binary":
      return tools.refuse(
        "E230",
        `${operand.name} is of type ${operand.type}, which only is_null and is_not_null can test`,
        "take the part you need into a column of the model",
      );
  }
}

/** Enumerations and UUIDs compare as the texts they read as: engines would refuse a literal that is none of them. */
function asText({ sql, type }: Operand): string {
  return /^(VARCHAR|STRING|TEXT)/i.test(type) ? sql : `CAST(${sql} AS VARCHAR)`;
}

/** A 32-bit float is the number it reads as (0.1), not the double nearest to its bits (0.10000000149). */
function asDouble({ sql, type }: Operand): string {
  return type === "FLOAT" ? `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)` : `CAST(${sql} AS DOUBLE)`;
}

function within(operand: Operand, operator: "in" | "not_in", values: readonly Scalar[], tools: OperandTools): string {
  if (values.length === 0) return constant(operand.sql, operator === "not_in");
  const listable = operand.family === "text" && values.every((value) => typeof value === "string");
  const found = listable
    ? `${asText(operand)} IN (${values.map((value) => tools.dialect.literal(value)).join(", ")})`
    : `(${values.map((value) => compare(operand, "=", value, tools)).join(" OR ")})`;
  return operator === "in" ? found : `NOT (${found})`;
}

function contains(operand: Operand, value: Scalar, tools: OperandTools): string {
  if (operand.family === "text") {
    if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
    return `STRPOS(${asText(operand)}, ${tools.dialect.literal(value)}) > 0`;
  }
  if (operand.family !== "list") return misfit(operand, "contains", "texts and lists", tools);
  const wanted = elementKind(operand.type);
  if (wanted === null)
    return tools.refuse("E230", `${operand.name} is a list of lists, which contains cannot look into`);
  if (typeof value !== wanted && !(wanted === "number" && typeof value === "bigint")) {
    return wrongValue(
      operand,
      value,
      { string: "a text", number: "a number", boolean: "true or false" }[wanted],
      tools,
    );
  }
  const list =
    wanted !== "string" || /^VARCHAR\[/i.test(operand.type) ? operand.sql : `CAST(${operand.sql} AS VARCHAR[])`;
  return `LIST_CONTAINS(${list}, ${tools.dialect.literal(value)})`;
}

/** What an element of a list type is compared with; dates, UUIDs and the like as the texts they read as. */
function elementKind(type: string): "string" | "number" | "boolean" | null {
  const element = type.replace(/\[\d*\]$/, "");
  if (element.endsWith("]")) return null;
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|UINTEGER|BIGNUM|DECIMAL|FLOAT|DOUBLE)/i.test(element)) return "number";
  return /^BOOL/i.test(element) ? "boolean" : "string";
}

function compareMoment(operand: Operand, comparator: Comparator, moment: Moment, tools: OperandTools): string {
  const instant = momentInstant(moment, tools.reference);
  if (instant !== null && isTemporal(operand.family))
    return temporalComparison(tools.dialect, operand.sql, operand.family, comparator, instant, tools.reference);
  return tools.refuse(
    "E231",
    `${quoteText(typeof moment === "string" ? moment : moment.ago)} is no date, timestamp or duration`,
    momentHint,
  );
}

function relative(
  operand: Operand,
  operator: "within_last" | "not_within_last",
  text: string,
  tools: OperandTools,
): string {
  if (!isTemporal(operand.family)) return misfit(operand, operator, "dates and timestamps", tools);
  const duration = parseDuration(text);
  if ("problem" in duration) return tools.refuse("E231", duration.problem);
  const inside = temporalRange(
    tools.dialect,
    operand.sql,
    operand.family,
    instantBefore(duration, tools.reference),
    tools.reference.asOf,
    tools.reference,
  );
  return operator === "within_last" ? inside : `NOT ${inside}`;
}

const momentHint = "write 2026-01-31, 2026-01-31T09:00:00Z or { ago: 30d }";

function misfit(operand: Operand, operator: string, fits: string, tools: OperandTools): string {
  return tools.refuse("E230", `${operand.name} is of type ${operand.type}; ${operator} is for ${fits}`);
}

function wrongValue(operand: Operand, value: Scalar, wanted: string, tools: OperandTools): string {
  const quoted = typeof value === "string" ? quoteText(value) : String(value);
  const unquote = typeof value === "string" && wanted === "a number" && /^-?\d+(\.\d+)?$/.test(value);
  const hint = unquote
    ? `write ${value} without quotes`
    : wanted === "a text"
      ? `write "${String(value)}" in quotes`
      : undefined;
  return tools.refuse(
    "E230",
    `${operand.name} is of type ${operand.type}, so it is compared with ${wanted}, not with ${quoted}`,
    hint,
  );
}
