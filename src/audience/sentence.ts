/** A rule tree read back as one plain English sentence, for plans, pages and reviews. */
import { parseDuration } from "../project/duration.ts";
import {
  fieldOperators,
  type EventLeaf,
  type FieldLeaf,
  type FieldOperator,
  type Moment,
  type NumberTest,
  type RelatedLeaf,
  type Rule,
} from "../project/schema/rule.ts";
import { durationWords } from "./duration.ts";

/** How a column or a resource is called in a sentence; without one, its name with spaces. */
export interface Labels {
  column?(model: string, name: string): string | undefined;
  resource?(name: string): string | undefined;
}

/** `country is FR and lifetime value is at least 400, and not in segment recent refunders`. */
export function sentence(rule: Rule, model: string, labels: Labels = {}): string {
  return clause(rule, model, labels, "top");
}

/** The words of one line of a rule tree: a group without its children (`all of`, `none of`), a leaf whole. */
export function ruleWords(rule: Rule, model: string, labels: Labels = {}): string {
  if ("all" in rule) return "all of";
  if ("any" in rule) return "any of";
  if ("not" in rule && "any" in rule.not) return "none of";
  if ("not" in rule && "all" in rule.not) return "not all of";
  return clause(rule, model, labels, "inner");
}

function clause(rule: Rule, model: string, labels: Labels, position: "top" | "inner"): string {
  if ("all" in rule) return joined(rule.all, "and", "everybody", model, labels, position);
  if ("any" in rule) return joined(rule.any, "or", "nobody", model, labels, position);
  if ("not" in rule) return negated(rule.not, model, labels);
  if ("in_segment" in rule) return `in segment ${resourceName(rule.in_segment, labels)}`;
  if ("in_audience" in rule) return `in audience ${resourceName(rule.in_audience, labels)}`;
  if ("event" in rule) return eventClause(rule, labels);
  if ("related" in rule) return relatedClause(rule, labels);
  return fieldClause(rule, model, labels);
}

/** Parts with commas where one of them is long; inside another sentence a group of several stands in brackets. */
function joined(
  rules: readonly Rule[],
  word: "and" | "or",
  empty: string,
  model: string,
  labels: Labels,
  position: "top" | "inner",
): string {
  if (rules.length === 0) return empty;
  if (rules.length === 1) return clause(rules[0]!, model, labels, position);
  const parts = rules.map((rule) => clause(rule, model, labels, "inner"));
  const separator = parts.some((part) => part.startsWith("not ") || part.includes(", ")) ? `, ${word} ` : ` ${word} `;
  const text = parts.reduce(
    (before, part, index) => `${before}${index === parts.length - 1 ? separator : ` ${word} `}${part}`,
  );
  return position === "top" ? text : `(${text})`;
}

function negated(rule: Rule, model: string, labels: Labels): string {
  const inner = clause(rule, model, labels, "inner");
  if ("in_segment" in rule || "in_audience" in rule || inner.startsWith("(")) return `not ${inner}`;
  return `not (${inner})`;
}

function fieldClause(leaf: FieldLeaf, model: string, labels: Labels): string {
  const operator = fieldOperators.find((candidate) => leaf[candidate] !== undefined);
  const name = columnName(leaf.field, model, labels);
  const text = operator === undefined ? name : `${name} ${operatorWords(operator, leaf[operator]!)}`;
  return leaf.or_null === true ? `(${text}, or is unknown)` : text;
}

/** `is at least 400`, `is within the last 30 days`. */
export function operatorWords(operator: FieldOperator, value: NonNullable<FieldLeaf[FieldOperator]>): string {
  switch (operator) {
    case "is":
      return `is ${shown(value)}`;
    case "is_not":
      return `is not ${shown(value)}`;
    case "in":
      return `is ${list(value as readonly unknown[], "or")}`;
    case "not_in":
      return (value as readonly unknown[]).length === 1
        ? `is not ${list(value as readonly unknown[], "nor")}`
        : `is neither ${list(value as readonly unknown[], "nor")}`;
    case "gt":
      return `is more than ${shown(value)}`;
    case "gte":
      return `is at least ${shown(value)}`;
    case "lt":
      return `is less than ${shown(value)}`;
    case "lte":
      return `is at most ${shown(value)}`;
    case "between":
      return `is between ${list(value as readonly unknown[], "and")}`;
    case "contains":
      return `contains ${shown(value)}`;
    case "starts_with":
      return `starts with ${shown(value)}`;
    case "is_null":
      return "is unknown";
    case "is_not_null":
      return "is known";
    case "before":
      return `is before ${momentWords(value as Moment)}`;
    case "after":
      return `is after ${momentWords(value as Moment)}`;
    case "within_last":
      return `is within the last ${span(value as string)}`;
    case "not_within_last":
      return `is not within the last ${span(value as string)}`;
  }
}

function eventClause(leaf: EventLeaf, labels: Labels): string {
  const name = resourceName(leaf.event, labels);
  const when = leaf.within === undefined ? "" : ` ${windowWords(leaf.within)}`;
  const which = leaf.where === undefined ? "" : ` where ${clause(leaf.where, leaf.event, labels, "inner")}`;
  const rows = `${name}${when}${which}`;
  if (leaf.sum !== undefined)
    return `the sum of ${columnName(leaf.sum.field, leaf.event, labels)} of ${rows} ${testWords(leaf.sum)}`;
  if (leaf.first !== undefined)
    return `the first ${columnName(leaf.first.field, leaf.event, labels)} of ${rows} ${testWords(leaf.first)}`;
  if (leaf.last !== undefined)
    return `the last ${columnName(leaf.last.field, leaf.event, labels)} of ${rows} ${testWords(leaf.last)}`;
  return `has ${countWords(leaf.count ?? { gte: 1 })} ${rows}`;
}

function relatedClause(leaf: RelatedLeaf, labels: Labels): string {
  const name = resourceName(leaf.related, labels);
  const which = leaf.where === undefined ? "" : ` where ${clause(leaf.where, leaf.related, labels, "inner")}`;
  switch (leaf.match ?? "any") {
    case "any":
      return `has at least 1 of ${name}${which}`;
    case "none":
      return `has none of ${name}${which}`;
    case "all":
      return `has ${name}, all of them${which}`;
  }
}

function windowWords(within: NonNullable<EventLeaf["within"]>): string {
  if (within.last !== undefined) return `in the last ${span(within.last)}`;
  if (within.from !== undefined && within.to !== undefined) return `from ${within.from} to ${within.to}`;
  return within.from === undefined ? `until ${within.to ?? "now"}` : `since ${within.from}`;
}

function countWords(test: NumberTest): string {
  if (test.is !== undefined) return test.is === 0 ? "no" : `exactly ${test.is}`;
  if (test.is_not !== undefined) return `any number but ${test.is_not} of`;
  if (test.between !== undefined) return `${test.between[0]} to ${test.between[1]}`;
  if (test.gt !== undefined) return `more than ${test.gt}`;
  if (test.lt !== undefined) return `fewer than ${test.lt}`;
  return test.lte === undefined ? `at least ${test.gte ?? 1}` : `at most ${test.lte}`;
}

function testWords(test: object): string {
  const [operator, value] = Object.entries(test).find(([key]) => fieldOperators.includes(key as FieldOperator)) ?? [
    "is_not_null",
    true,
  ];
  return operatorWords(operator as FieldOperator, value);
}

function momentWords(moment: Moment): string {
  return typeof moment === "string" ? moment : `${span(moment.ago)} ago`;
}

function span(text: string): string {
  const duration = parseDuration(text);
  return "problem" in duration ? text : durationWords(duration);
}

/** Texts that could be misread in a sentence stand in quotes. */
function shown(value: unknown): string {
  const text = String(value);
  return typeof value === "string" && !/^[\p{L}\p{N}][\p{L}\p{N}@._:+-]*$/u.test(text) ? `"${text}"` : text;
}

function list(values: readonly unknown[], word: string): string {
  const texts = values.map(shown);
  return texts.length < 2 ? (texts[0] ?? "nothing") : `${texts.slice(0, -1).join(", ")} ${word} ${texts.at(-1)}`;
}

function columnName(name: string, model: string, labels: Labels): string {
  return labels.column?.(model, name) ?? name.replaceAll("_", " ");
}

function resourceName(name: string, labels: Labels): string {
  return labels.resource?.(name) ?? name.replaceAll("_", " ");
}
