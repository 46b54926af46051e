/** One operator of a leaf over one expression, as SQL that is NULL exactly where the expression is NULL. */
import { parseDuration } from "../project/duration.ts";
import { quoteText } from "../project/suggest.ts";
import type { FieldLeaf, FieldOperator, Moment, Scalar } from "../project/schema/rule.ts";
import type { ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import { instantBefore, momentInstant, type Reference } from "./duration.ts";
import { elementKind } from "./element.ts";
import { constant, exactComparison, type Comparator } from "./number.ts";
import { isTemporal, temporalComparison, temporalRange } from "./temporal.ts";
import { wordsOf } from "./words.ts";

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
      return partOf(operand, value as string, "startsWith", tools);
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
  const words = wordsOf(dialect);
  const equality = comparator === "=" || comparator === "<>";
  switch (operand.family) {
    case "integer":
    case "decimal":
    case "float":
      if (typeof value !== "number" && typeof value !== "bigint") return wrongValue(operand, value, "a number", tools);
      if (operand.family === "float")
        return words.compareDoubles(words.floats(operand.sql, operand.type), comparator, words.double(`'${value}'`));
      return exactComparison(words, operand.sql, operand.type, operand.family, comparator, value);
    case "text":
      if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
      return `${asText(operand, tools)} ${comparator} ${dialect.literal(value)}`;
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
      return `${operand.sql} ${comparator} ${words.time(value)}`;
    case "other":
      if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
      if (!equality) return misfit(operand, "an order", "numbers, texts, dates and timestamps", tools);
      return `${words.text(operand.sql)} ${comparator} ${dialect.literal(value)}`;
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
function asText({ sql, type }: Operand, { dialect }: OperandTools): string {
  return /^(VARCHAR|STRING|TEXT)/i.test(type) ? sql : wordsOf(dialect).text(sql);
}

/** Every text has the empty one, whatever the warehouse's function says. */
function partOf(operand: Operand, part: string, how: "contains" | "startsWith", tools: OperandTools): string {
  if (part === "") return constant(operand.sql, true);
  return wordsOf(tools.dialect)[how](asText(operand, tools), tools.dialect.literal(part));
}

function within(operand: Operand, operator: "in" | "not_in", values: readonly Scalar[], tools: OperandTools): string {
  if (values.length === 0) return constant(operand.sql, operator === "not_in");
  const listable = operand.family === "text" && values.every((value) => typeof value === "string");
  const found = listable
    ? `${asText(operand, tools)} IN (${values.map((value) => tools.dialect.literal(value)).join(", ")})`
    : `(${values.map((value) => compare(operand, "=", value, tools)).join(" OR ")})`;
  return operator === "in" ? found : `NOT (${found})`;
}

function contains(operand: Operand, value: Scalar, tools: OperandTools): string {
  if (operand.family === "text") {
    if (typeof value !== "string") return wrongValue(operand, value, "a text", tools);
    return partOf(operand, value, "contains", tools);
  }
  if (operand.family !== "list") return misfit(operand, "contains", "texts and lists", tools);
  const words = wordsOf(tools.dialect);
  const wanted = elementKind(words, operand.type);
  if (wanted === "lists" || wanted === "structs")
    return tools.refuse("E230", `${operand.name} is a list of ${wanted}, which contains cannot look into`);
  if (wanted !== null && typeof value !== wanted && !(wanted === "number" && typeof value === "bigint")) {
    const wish = { string: "a text", number: "a number", boolean: "true or false" }[wanted];
    return wrongValue(operand, value, wish, tools);
  }
  return words.listHas(operand.sql, operand.type, value);
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
