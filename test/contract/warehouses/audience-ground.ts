/** The invented people as tables of a warehouse, and the same in memory. */
import { isDeepStrictEqual } from "node:util";
import { compileRule } from "../../../src/audience/compile.ts";
import type { AudienceContext } from "../../../src/audience/context.ts";
import { evaluate, type Row, type RowWorld } from "../../../src/audience/evaluate.ts";
import { checked } from "../../../src/audience/rows.ts";
import type { Rule } from "../../../src/project/schema/rule.ts";
import type { Column } from "../../../src/warehouse/warehouse.ts";
import { contextOf, type WorldSpec } from "../../audience/world.ts";
import { tables as people, type Table } from "./audience-people.ts";
import { makeTable, type Subject } from "./subject.ts";
import { columnTypes, listOf, type Type } from "./words.ts";

/** Where relative times are counted from, and on whose calendar. */
export interface Zone {
  readonly timezone: string;
  readonly asOf: string;
}

export const paris: Zone = { timezone: "Europe/Paris", asOf: "2026-03-29T12:00:00.000Z" };
export const newYork: Zone = { timezone: "America/New_York", asOf: "2025-10-27T03:30:00.000Z" };

/** What the rules of segments come to, and so what `kept` excludes. */
export const early: Rule = { field: "id", lte: 30 };
export const some: Rule = { field: "company", is: 2 };

export interface Ground {
  readonly context: AudienceContext;
  readonly memory: RowWorld;
  /** The table of a model. */
  relation(model: string): string;
}

type Model = keyof typeof people;
const relations = new WeakMap<object, Map<Model, Promise<string>>>();

/** The table of a model, made once for a warehouse. */
function relationOf(subject: Subject, model: Model): Promise<string> {
  const made = relations.get(subject.warehouse) ?? new Map<Model, Promise<string>>();
  relations.set(subject.warehouse, made);
  const relation = made.get(model) ?? fill(subject, model);
  made.set(model, relation);
  return relation;
}

/** As a cast reads it. */
function written(text: string, family: keyof typeof columnTypes): string {
  if (family === "float") return text.replace("Infinity", "inf");
  return family === "timestamp" ? text.replace("Z", "") : text;
}

/** By a statement, since some emulators do not append. */
async function fill(subject: Subject, model: Model): Promise<string> {
  const { columns, rows }: Table = people[model];
  const { warehouse } = subject;
  const { type, dialect } = warehouse;
  const families = Object.values(columns);
  const cell = (value: unknown, family: keyof typeof columnTypes): string =>
    Array.isArray(value)
      ? listOf[type](value.map((item) => dialect.literal(String(item))))
      : `CAST(${dialect.literal(value === null ? null : written(String(value), family))} AS ${columnTypes[family][type]})`;
  const relation = await makeTable(subject, `audience_${model}`, columns);
  const selects = rows.map((row) => `SELECT ${row.map((value, index) => cell(value, families[index]!)).join(", ")}`);
  const names = Object.keys(columns).map(dialect.quote).join(", ");
  await warehouse.execute(`INSERT INTO ${relation} (${names}) ${selects.join(" UNION ALL ")}`);
  return relation;
}

/** Of a model, as `describe` tells them: some emulators do not. */
function columnsOf(model: Model, type: Type): readonly Column[] {
  const { columns }: Table = people[model];
  return Object.entries(columns).map(([name, family]) => ({ name, family, type: columnTypes[family][type] }));
}

export async function groundOf(
  subject: Subject,
  zone: Zone = paris,
  models: readonly Model[] = ["customers", "orders"],
  audiences: WorldSpec["audiences"] = {},
): Promise<Ground> {
  const { warehouse } = subject;
  const { quote } = warehouse.dialect;
  const found = new Map<string, string>();
  const columns = new Map<string, readonly Column[]>();
  for (const model of models) {
    const relation = await relationOf(subject, model);
    found.set(model, relation);
    columns.set(model, columnsOf(model, warehouse.type));
  }
  const relation = (model: string): string => found.get(model) ?? "";
  const someKeys = `SELECT ${quote("id")} FROM ${relation("customers")} WHERE ${quote("company")} = 2;`;
  const spec: WorldSpec = {
    ...zone,
    models: Object.fromEntries(models.map((model) => [model, { sql: "", key: people[model].key }])),
    segments: models.includes("customers")
      ? { early: { model: "customers", where: early }, some: { model: "customers", sqlText: someKeys } }
      : {},
    audiences: models.includes("customers")
      ? { kept: { model: "customers", where: { in_segment: "early" }, exclude: ["some"] }, ...audiences }
      : {},
  };
  // What the queries of segments and audiences give: a key, and as a text with a greeting where it is joined.
  columns.set("some", columnsOf("customers", warehouse.type).slice(0, 1));
  const text = { family: "text", type: columnTypes.text[warehouse.type] } as const;
  columns.set("written", [
    { name: "id", ...text },
    { name: "greeting", ...text },
  ]);
  const query = (model: string): string => `SELECT * FROM ${relation(model)} -- all of them`;
  return {
    context: contextOf(spec, warehouse.dialect, columns, query),
    memory: memoryOf(zone),
    relation,
  };
}

/** The same rows, evaluated without any warehouse. */
function memoryOf({ timezone, asOf }: Zone): RowWorld {
  const tables: Readonly<Record<string, Table>> = people;
  const columns = (model: string): readonly Column[] =>
    Object.entries(tables[model]!.columns).map(([name, family]) => ({ name, family, type: family }));
  const rows = new Map<string, readonly Row[]>();
  const rowsOf = (model: string): readonly Row[] => {
    const names = Object.keys(tables[model]!.columns);
    const known =
      rows.get(model) ??
      tables[model]!.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
    rows.set(model, known);
    return known;
  };
  const memory: RowWorld = {
    timezone,
    asOf: Date.parse(asOf),
    columns,
    rows: rowsOf,
    inSegment: (name, row) => evaluate(name === "early" ? early : some, row, "customers", memory),
    inAudience: (_, row) => memory.inSegment("early", row) && !memory.inSegment("some", row),
  };
  return memory;
}

/** A query of the rows that these keys are. */
export const keysQuery = ({ warehouse }: Subject, ...texts: readonly (string | null)[]): string =>
  texts.map((text) => `SELECT ${warehouse.dialect.literal(text)} AS k`).join(" UNION ALL ");

/** The customers with one audience more, whose query gives keys as texts. */
export async function writtenGround(subject: Subject): Promise<AudienceContext> {
  const { dialect } = subject.warehouse;
  const [id, few] = ["id", "few"].map(dialect.quote);
  const { relation } = await groundOf(subject);
  const sqlText = `WITH ${few} AS (SELECT ${id} FROM ${relation("customers")} WHERE ${id} < 4 OR ${id} = 9)
SELECT ${dialect.keyText(`q.${id}`, "integer")} AS ${id}, 'hi' AS ${dialect.quote("greeting")} FROM ${few} AS q;`;
  const audiences = { written: { model: "customers", sqlText, exclude: ["some"] } };
  return (await groundOf(subject, paris, ["customers", "orders"], audiences)).context;
}

/** The rule itself: what an exception names it by. */
export const nameOf = (rule: Rule): string =>
  JSON.stringify(rule, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

/** The rules that disagree: ids of those for whom each holds in the warehouse, and in memory. */
export async function disagreement(
  subject: Subject,
  { context, memory }: Ground,
  rules: readonly Rule[],
  model: Model = "customers",
): Promise<Readonly<Record<string, { readonly found: unknown; readonly expected: unknown }>>> {
  const { quote } = subject.warehouse.dialect;
  const chosen = rules.filter((rule) => subject.takes?.(nameOf(rule)) ?? true);
  const scope = { alias: "m", model, columns: context.modelColumns(model) };
  const differing: Record<string, { readonly found: unknown; readonly expected: unknown }> = {};
  for (let start = 0; start < chosen.length; start += 50) {
    const few = chosen.slice(start, start + 50);
    const sql = checked(context, (compilation) =>
      few.map((rule, index) => `${compileRule(rule, scope, { resource: null, path: [] }, compilation)} AS c${index}`),
    );
    const rows = await subject.warehouse.rows(
      `SELECT m.${quote("id")}, ${sql.join(", ")} FROM (\n${context.modelQuery(model)}\n) m ORDER BY 1`,
    );
    for (const [index, rule] of few.entries()) {
      // As it is where it is neither TRUE nor FALSE: a leaf is never unknown.
      const found = rows.flatMap((row) => {
        const holds = row[`c${index}`];
        return holds === true ? [row["id"]] : holds === false ? [] : [holds];
      });
      const expected = memory
        .rows(model)
        .filter((row) => evaluate(rule, row, model, memory))
        .map((row) => row["id"]);
      if (!isDeepStrictEqual(found, expected)) differing[nameOf(rule)] = { found, expected };
    }
  }
  return differing;
}
