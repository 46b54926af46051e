/** Data tests, audience tests and unit tests, each normalised to one shape. */
import { createRequire } from "node:module";
import { z } from "zod";
import type { Json } from "../../core.ts";
import type { AudienceTestSpec, DataTestSpec, UnitTestSpec } from "../project.ts";
import { nearest } from "../suggest.ts";
import { choose, duration, isMap, json, jsonMap, name, problem, share, text } from "./common.ts";

/** Loaded by the first unit test that gives its rows as CSV. */
const loadCsv = (): typeof import("csv-parse/sync") => createRequire(import.meta.url)("csv-parse/sync");

const settings = {
  severity: z.enum(["error", "warn"]).exactOptional().describe("error stops the syncs downstream, warn does not."),
  where: text.exactOptional().describe("SQL: only these rows are looked at."),
  limit: z.number().int().min(0).exactOptional().describe("So many failing rows are tolerated; default 0."),
};
const config = {
  config: z.strictObject(settings).exactOptional().describe("dbt's place for severity, where and limit."),
  ...settings,
};

const dataTests: Readonly<Record<DataTestSpec["type"], z.ZodObject>> = {
  unique: z.strictObject({
    columns: z.array(text).min(1).exactOptional().describe("Together unique (tests of a model)."),
    ...config,
  }),
  not_null: z.strictObject({
    columns: z.array(text).min(1).exactOptional().describe("None of them NULL (tests of a model)."),
    ...config,
  }),
  accepted_values: z.strictObject({ values: z.array(json).min(1).describe("The only values allowed."), ...config }),
  relationships: z.strictObject({
    to: text.describe("ref('model') or the model's name."),
    field: text.describe("The column over there."),
    ...config,
  }),
  freshness: z.strictObject({
    field: text.exactOptional().describe("The time column (tests of a model)."),
    warn: duration.exactOptional().describe("Older: a warning."),
    fail: duration.exactOptional().describe("Older: a failure."),
    ...config,
  }),
  row_count: z.strictObject({
    min: z.number().int().min(0).exactOptional().describe("At least."),
    max: z.number().int().min(0).exactOptional().describe("At most."),
    ...config,
  }),
  expression: z.strictObject({ expression: text.describe("SQL that must hold for every row."), ...config }),
};
const types = Object.keys(dataTests) as DataTestSpec["type"][];

/** One branch per type and spelling, made once: a schema is dear to make and cheap to use. */
const asWord = new Map(
  types.map((type) => [
    type,
    z.string().transform((): DataTestSpec => ({ type, arguments: {}, severity: "error", limit: 0 })),
  ]),
);
const asBlock = new Map(
  types.map((type) => {
    const block = dataTests[type];
    const inner = type === "expression" ? z.union([text.transform((expression) => ({ expression })), block]) : block;
    return [
      type,
      z
        .strictObject({ [type]: inner })
        .transform((value): DataTestSpec => normalise(type, value[type] as Record<string, unknown>)),
    ];
  }),
);

/** `unique` · `{ accepted_values: { values: […] } }` · `{ expression: "amount >= 0" }`. */
export const dataTest: z.ZodType<DataTestSpec> = choose<DataTestSpec>(
  `A test: ${types.join(", ")}.`,
  () => ({
    schemas: [z.enum(["unique", "not_null"]), ...types.map((type) => z.strictObject({ [type]: dataTests[type] }))],
  }),
  (value) => {
    const written =
      typeof value === "string"
        ? value
        : isMap(value) && Object.keys(value).length === 1
          ? Object.keys(value)[0]
          : undefined;
    if (written === undefined) return "expected one test, like unique or { accepted_values: { values: [FR, BE] } }";
    const type = types.find((known) => known === written);
    if (type === undefined) {
      const near = nearest(written, types, 1)[0];
      return `unknown test "${written.slice(0, 60)}": ${near ? `did you mean "${near}"?` : `one of ${types.join(", ")}`}`;
    }
    if (typeof value === "string" && type !== "unique" && type !== "not_null")
      return `the test "${value}" needs arguments: { ${value}: { … } }`;
    return (typeof value === "string" ? asWord : asBlock).get(type) ?? `unknown test "${written}"`;
  },
);

function normalise(type: DataTestSpec["type"], block: Record<string, unknown>): DataTestSpec {
  const {
    config: nested,
    severity,
    where,
    limit,
    ...rest
  } = block as { config?: Record<string, unknown> } & Record<string, unknown>;
  const merged = {
    ...nested,
    ...(severity !== undefined && { severity }),
    ...(where !== undefined && { where }),
    ...(limit !== undefined && { limit }),
  } as Partial<Pick<DataTestSpec, "severity" | "where" | "limit">>;
  return { type, arguments: rest as Record<string, Json>, severity: "error", limit: 0, ...merged };
}

const sizes = {
  min: z.number().int().min(0).exactOptional().describe("At least so many people."),
  max: z.number().int().min(0).exactOptional().describe("At most so many people."),
};
const overlap = z.strictObject({
  with: text.describe("The other audience or segment."),
  min: share.exactOptional().describe("At least this share of this audience."),
  max: share.exactOptional().describe("At most this share of this audience."),
});
const identifierShare = z.strictObject({
  identifier: text.describe("Identifier kind."),
  min: share.describe("At least this share has one."),
});
const keyRow = z.record(z.string(), json);
const keys = z.record(z.string(), z.union([z.array(json), json]));

const audienceTests: Readonly<Record<AudienceTestSpec["type"], z.ZodType<AudienceTestSpec>>> = {
  size: z
    .strictObject({ size: z.strictObject(sizes) })
    .transform(({ size }): AudienceTestSpec => ({ type: "size", ...size })),
  share_with_identifier: z
    .strictObject({ share_with_identifier: identifierShare })
    .transform((test): AudienceTestSpec => ({ type: "share_with_identifier", ...test.share_with_identifier })),
  disjoint_from: z
    .strictObject({ disjoint_from: text })
    .transform((test): AudienceTestSpec => ({ type: "disjoint_from", other: test.disjoint_from })),
  subset_of: z
    .strictObject({ subset_of: text })
    .transform((test): AudienceTestSpec => ({ type: "subset_of", other: test.subset_of })),
  overlap: z.strictObject({ overlap }).transform((test): AudienceTestSpec => ({ type: "overlap", ...test.overlap })),
  contains: z
    .strictObject({ contains: z.union([z.array(keyRow), keys]) })
    .transform((test): AudienceTestSpec => ({ type: "contains", keys: keyRows(test.contains) })),
};

/** `{ customer_id: [1, 2] }` is two keys; composite keys are a list of `{ a: 1, b: 2 }`. */
function keyRows(
  value: readonly Record<string, Json>[] | Record<string, Json | Json[]>,
): readonly Record<string, Json>[] {
  if (Array.isArray(value)) return value;
  const entries = Object.entries(value as Record<string, Json | Json[]>).map(
    ([column, list]) => [column, Array.isArray(list) ? list : [list]] as const,
  );
  const length = Math.max(0, ...entries.map(([, list]) => list.length));
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(entries.map(([column, list]) => [column, list[row] ?? null])),
  );
}

/** One assertion about who is in an audience. */
export const audienceTest: z.ZodType<AudienceTestSpec> = choose<AudienceTestSpec>(
  `An assertion: ${Object.keys(audienceTests).join(", ")}.`,
  () => ({ schemas: Object.values(audienceTests) }),
  (value) => {
    const key = isMap(value) && Object.keys(value).length === 1 ? Object.keys(value)[0] : undefined;
    if (key === undefined) return "expected one assertion, like { size: { min: 1000 } }";
    if (Object.hasOwn(audienceTests, key)) return audienceTests[key as AudienceTestSpec["type"]];
    const near = nearest(key, Object.keys(audienceTests), 1)[0];
    return `unknown assertion "${key.slice(0, 60)}": ${near ? `did you mean "${near}"?` : `one of ${Object.keys(audienceTests).join(", ")}`}`;
  },
);

type Rows = readonly Readonly<Record<string, Json>>[];
const rowKeys = {
  format: z.enum(["dict", "csv"]).exactOptional().describe("dict: a list of rows; csv: text with a head line."),
  rows: z.union([z.array(jsonMap), z.string()]).describe("The rows; columns left out are NULL."),
};

function toRows(
  value: { readonly rows: Rows | string; readonly format?: "dict" | "csv" },
  context: z.RefinementCtx,
): Rows {
  if (typeof value.rows !== "string") return value.rows;
  try {
    const records = loadCsv().parse(value.rows, {
      columns: true,
      skip_empty_lines: true,
      trim: true,
      bom: true,
    }) as Record<string, string>[];
    return records.map((record) =>
      Object.fromEntries(Object.entries(record).map(([column, cell]) => [column, sniff(cell)])),
    );
  } catch (error) {
    problem(context, "E105", `this is no CSV: ${error instanceof Error ? error.message.slice(0, 120) : "unreadable"}`);
    return z.NEVER;
  }
}

/** A cell's value: empty is NULL; plain numbers are numbers unless a leading zero or plus would be lost. */
function sniff(cell: string): Json {
  if (cell === "") return null;
  if (cell === "true" || cell === "false") return cell === "true";
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(cell) ? Number(cell) : cell;
}

export const unitTestSchema: z.ZodType<UnitTestSpec> = z.strictObject({
  name: text.describe("What is true: refunds_are_taken_out."),
  description: z.string().exactOptional().describe("Why it matters."),
  model: name.describe("The model under test."),
  given: z
    .array(
      z
        .strictObject({ input: text.describe("ref('model') or source('name', 'table')."), ...rowKeys })
        .transform((given, context) => ({ input: given.input, rows: toRows({ rows: given.rows }, context) })),
    )
    .default([])
    .describe("Rows of each input; inputs left out are empty."),
  vars: jsonMap.default({}).describe("Template variables of this test, as_of among them."),
  expect: z
    .strictObject(rowKeys)
    .transform((expected, context) => ({ rows: toRows({ rows: expected.rows }, context) }))
    .describe("The rows that must come out; columns left out are not compared."),
});
