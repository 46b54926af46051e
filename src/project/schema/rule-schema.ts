/** zod schemas of the rule tree (decisions 2, 3); the branch is chosen by its key, so that a misspelt operator gets a suggestion. */
import { z } from "zod";
import { nearest } from "../suggest.ts";
import { choose, duration, isMap, notYet, problem, text } from "./common.ts";
import { fieldOperators, type Moment, type On, type Rule, type Scalar } from "./rule.ts";

const scalar: z.ZodType<Scalar> = z
  .union([z.string(), z.number(), z.bigint(), z.boolean()])
  .describe("Text, a number, true or false.");

const dateText = z.string().superRefine((value, context) => {
  if (
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(value) &&
    !Number.isNaN(Date.parse(value.slice(0, 10)))
  )
    return;
  problem(
    context,
    "E105",
    `expected a date or timestamp like 2026-01-31, found "${value.slice(0, 60)}"`,
    "for a time that moves with the run: { ago: 30d }",
  );
});
const ago = z.strictObject({ ago: duration.describe("So long before as_of.") });
const moment = choose<Moment>(
  "A date, a timestamp, or { ago: 30d }.",
  () => ({ schemas: [dateText, ago] }),
  (value) => (isMap(value) ? ago : dateText),
);

const onMap = z.record(z.string(), text);
export const on = choose<On>(
  "The column both have, or { model_column: other_column }.",
  () => ({ schemas: [text, onMap] }),
  (value) =>
    isMap(value)
      ? onMap
      : typeof value === "string"
        ? text
        : "expected the name of a column, or { model_column: other_column }",
);

const exactlyOne =
  (keys: readonly string[], what: string) =>
  (value: object, context: z.RefinementCtx): void => {
    const found = keys.filter((key) => Object.hasOwn(value, key));
    if (found.length === 1) return;
    problem(
      context,
      "E105",
      found.length === 0
        ? `${what} needs an operator`
        : `${what} has ${found.length} operators (${found.join(", ")}): one a line`,
      `one of ${keys.join(", ")}`,
    );
  };

const fieldLeaf = z
  .strictObject({
    field: text.describe("A column of the model."),
    or_null: z
      .boolean()
      .exactOptional()
      .describe("Rows where the column is NULL match too; without it NULL never matches."),
    is: scalar.exactOptional().describe("Equals."),
    is_not: scalar.exactOptional().describe("Has a value, and another one."),
    in: z.array(scalar).min(1).exactOptional().describe("Is one of these."),
    not_in: z.array(scalar).min(1).exactOptional().describe("Has a value that is none of these."),
    gt: scalar.exactOptional().describe("Greater than."),
    gte: scalar.exactOptional().describe("Greater than or equal."),
    lt: scalar.exactOptional().describe("Less than."),
    lte: scalar.exactOptional().describe("Less than or equal."),
    between: z.tuple([scalar, scalar]).exactOptional().describe("From the first to the second, both included."),
    contains: scalar.exactOptional().describe("The text has this part, or the list this element; case matters."),
    starts_with: text.exactOptional().describe("The text begins so; case matters."),
    is_null: z.literal(true).exactOptional().describe("Has no value."),
    is_not_null: z.literal(true).exactOptional().describe("Has a value."),
    before: moment.exactOptional(),
    after: moment.exactOptional(),
    within_last: duration.exactOptional().describe("From so long before as_of to as_of."),
    not_within_last: duration.exactOptional().describe("Has a time, and not from so long before as_of to as_of."),
  })
  .superRefine(exactlyOne(fieldOperators, "a rule on a field"));

const numberKeys = ["is", "is_not", "gt", "gte", "lt", "lte", "between"] as const;
const numberShape = {
  is: z.number().exactOptional().describe("Equals."),
  is_not: z.number().exactOptional().describe("Differs from."),
  gt: z.number().exactOptional().describe("Greater than."),
  gte: z.number().exactOptional().describe("Greater than or equal."),
  lt: z.number().exactOptional().describe("Less than."),
  lte: z.number().exactOptional().describe("Less than or equal."),
  between: z.tuple([z.number(), z.number()]).exactOptional().describe("From the first to the second, both included."),
};
const count = z.strictObject(numberShape).superRefine(exactlyOne(numberKeys, "count"));
const sum = z
  .strictObject({ field: text.describe("A column of the events."), ...numberShape })
  .superRefine(exactlyOne(numberKeys, "sum"));
const timeTest = z
  .strictObject({
    field: text.describe("A time column of the events."),
    before: moment.exactOptional(),
    after: moment.exactOptional(),
    within_last: duration.exactOptional().describe("From so long before as_of to as_of."),
    not_within_last: duration.exactOptional().describe("Not from so long before as_of to as_of."),
  })
  .superRefine(exactlyOne(["before", "after", "within_last", "not_within_last"], "first/last"));

const within = z
  .strictObject({
    field: text.describe("A time column of the events."),
    last: duration.exactOptional().describe("From so long before as_of to as_of."),
    from: dateText.exactOptional().describe("From this time on, included."),
    to: dateText.exactOptional().describe("Before this time."),
    after_field: notYet("within.after_field (events after a column's time)"),
  })
  .superRefine((value, context) => {
    if (value.last !== undefined && (value.from !== undefined || value.to !== undefined))
      problem(context, "E105", "within takes last, or from and to, not both");
    else if (value.last === undefined && value.from === undefined && value.to === undefined)
      problem(context, "E105", "within needs last, from or to");
  });

/** The whole tree. */
export const rule: z.ZodType<Rule> = choose<Rule>(
  "Who belongs: a tree of rules.",
  () => ({ id: "rule", schemas: branches.map(([, schema]) => schema) }),
  pickBranch,
);

const eventLeaf = z
  .strictObject({
    event: text.describe("A model with rows in time: orders, visits."),
    on,
    within: within.exactOptional().describe("Which time the rows must have."),
    where: rule.exactOptional().describe("Rules on the columns of the event rows."),
    count: count.exactOptional().describe("How many rows; without any of count, sum, first, last: at least one."),
    sum: sum.exactOptional().describe("The sum of a column; no rows: never."),
    first: timeTest.exactOptional().describe("When the first row was."),
    last: timeTest.exactOptional().describe("When the last row was."),
    without: notYet("without: (events after events)"),
    followed_by: notYet("followed_by: (events after events)"),
  })
  .superRefine((value, context) => {
    const found = (["count", "sum", "first", "last"] as const).filter((key) => value[key] !== undefined);
    if (found.length > 1)
      problem(context, "E105", `an event rule takes one of count, sum, first, last, not ${found.join(" and ")}`);
  });

const relatedLeaf = z.strictObject({
  related: text.describe("A model with several rows per row of this one, without time: contacts of a company."),
  on,
  where: rule.exactOptional().describe("Rules on the columns of the related rows."),
  match: z
    .enum(["any", "all", "none"])
    .exactOptional()
    .describe("How many of the related rows must match; default any."),
});

const group = z.array(rule).min(1);
const branches: readonly (readonly [string, z.ZodType<Rule>])[] = [
  ["all", z.strictObject({ all: group.describe("Every one holds.") })],
  ["any", z.strictObject({ any: group.describe("At least one holds.") })],
  ["not", z.strictObject({ not: rule.describe("Does not hold; rows with NULL count as not matching inside.") })],
  ["in_segment", z.strictObject({ in_segment: text.describe("Is a member of the segment.") })],
  ["in_audience", z.strictObject({ in_audience: text.describe("Is an eligible member of the audience.") })],
  ["event", eventLeaf as unknown as z.ZodType<Rule>],
  ["related", relatedLeaf],
  ["field", fieldLeaf],
];

function pickBranch(value: unknown): z.ZodType<Rule> | string {
  if (Array.isArray(value)) return "expected one rule, found a list: put it under all: or any:";
  if (!isMap(value)) return "expected a rule like { field: country, is: FR }";
  const chosen =
    branches.find(([key]) => Object.hasOwn(value, key)) ??
    branches.find(([key]) => Object.keys(value).some((wrong) => nearest(wrong, [key]).length > 0));
  if (chosen) return chosen[1];
  const keys = Object.keys(value);
  return `a rule needs one of ${branches.map(([key]) => key).join(", ")}; found ${keys.length > 0 ? keys.map((key) => `"${key.slice(0, 40)}"`).join(", ") : "nothing"}`;
}
