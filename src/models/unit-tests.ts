import type { Json, TestResult } from "../core.ts";
import { failure, MillraceError } from "../errors.ts";
import { buildGraph, type Graph } from "../project/graph.ts";
import type { ModelResource, Project, Resource, UnitTestSpec } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import { callsOf, parseTemplate } from "../project/template.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { createCompiler, type Compiler } from "./compile.ts";
import { measured } from "./data-tests.ts";
import { givenSelect, typedSelect, type Rows } from "./given-rows.ts";
import { sourceKey } from "./resolve.ts";
import { diffRows, type TextRow } from "./row-diff.ts";
import type { CompileTarget } from "./unit.ts";

export interface UnitTestRunner {
  readonly project: Project;
  readonly target: CompileTarget;
  /** Of the project as it is: columns of real inputs come from here, where they can be found. */
  readonly compiler: Compiler;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Only those of these models; all when absent. */
  readonly models?: ReadonlySet<string>;
}

export interface UnitTestResult extends TestResult {
  readonly test: Resource<UnitTestSpec>;
  /** What came out, in the columns of `expect`, for `--update`; absent when the SQL did not run. */
  readonly actual?: Rows;
}

/** Runs unit tests: the model's SQL over the given rows. Inputs left out are empty, models between are compiled as they are. */
export async function runUnitTests(runner: UnitTestRunner): Promise<readonly UnitTestResult[]> {
  const graph = buildGraph(runner.project);
  const results: UnitTestResult[] = [];
  for (const test of runner.project.unitTests) {
    if (runner.models === undefined || runner.models.has(test.spec.model))
      results.push(await runUnitTest(runner, graph, test));
  }
  return results;
}

async function runUnitTest(
  runner: UnitTestRunner,
  graph: Graph,
  test: Resource<UnitTestSpec>,
): Promise<UnitTestResult> {
  const { spec } = test;
  const { dialect } = runner.target.warehouse;
  let actual: Rows | undefined;
  const base = { kind: "unit" as const, name: `${spec.model} › ${spec.name}`, subject: spec.model, at: test.at() };
  const result = await measured(base, async () => {
    const model = runner.project.models.get(spec.model);
    if (model === undefined) throw failure("E201", `there is no model "${spec.model}"`, { at: test.at(["model"]) });
    const compiler = await compilerWith(runner, graph, test, model);
    const sql = compiler.definition(spec.model);
    const columns = await runner.target.warehouse.describe(sql);
    const compared = comparedColumns(test, columns);
    actual = await jsonRows(runner, sql, compared);
    const found = await textRows(runner, sql, compared);
    // In the types of the model's own columns.
    const wanted = spec.expect.rows.map((row) => typedSelect(dialect, compared, row));
    const expected = wanted.length === 0 ? [] : await textRows(runner, wanted.join(" UNION ALL "), compared);
    const names = compared.map(({ name }) => name);
    const diff = diffRows(expected, found, names, keyColumns(model, names));
    const passed = {
      status: "passed" as const,
      message: `${found.length} row${found.length === 1 ? "" : "s"} as expected`,
      sql,
    };
    return diff.equal
      ? passed
      : { status: "failed" as const, message: "the rows are not as expected", detail: diff.lines, sql };
  });
  return { ...result, test, ...(actual === undefined ? {} : { actual }) };
}

/** A compiler that knows the tested model, what stands between it and the given inputs, and the test's variables. */
async function compilerWith(
  runner: UnitTestRunner,
  graph: Graph,
  test: Resource<UnitTestSpec>,
  model: ModelResource,
): Promise<Compiler> {
  const { project } = runner;
  const { dialect } = runner.target.warehouse;
  const above = graph.upstream(`model:${model.name}`);
  const given = new Map<string, string>();
  for (const id of above) {
    if (/^(source|segment|audience):/.test(id))
      given.set(keyOfId(id), givenSelect(dialect, [], await realColumns(runner, keyOfId(id))));
  }
  for (const [index, { input, rows }] of test.spec.given.entries()) {
    const key = inputKey(input);
    const known = [...above].map((id) => keyOfId(id));
    if (key === null || !known.includes(key)) {
      const hint = didYouMean(key ?? input, known.map(inputOfKey), "it reads");
      throw failure("E420", `model "${model.name}" does not read ${input}`, {
        at: test.at(["given", index, "input"]),
        ...(hint === undefined ? {} : { hint }),
      });
    }
    given.set(key, givenSelect(dialect, rows, await realColumns(runner, key)));
  }
  const models = new Map(
    [...project.models].filter(([name]) => name === model.name || (above.has(`model:${name}`) && !given.has(name))),
  );
  const smaller = {
    ...project,
    models,
    segments: new Map(),
    audiences: new Map(),
    vars: { ...project.vars, ...test.spec.vars },
  };
  return createCompiler(smaller, runner.target, { given, ...(runner.env === undefined ? {} : { env: runner.env }) });
}

/** Columns of the real input, or null where there is no data to ask: types are then told from the values. */
async function realColumns({ compiler, target }: UnitTestRunner, key: string): Promise<readonly Column[] | null> {
  try {
    const [, source, table] = sourceCall.exec(key) ?? [];
    if (source !== undefined && table !== undefined)
      return await target.warehouse.describe(`SELECT * FROM ${target.relationOf({ source, table })}`);
    await compiler.prepare([key]);
    return compiler.columns(key);
  } catch (error) {
    if (error instanceof MillraceError) return null;
    throw error;
  }
}

const sourceCall = /^\s*source\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]\s*\)\s*$/;

/** `ref('orders')` -> orders, `source("shop", "orders")` -> source('shop', 'orders'); null for anything else. */
function inputKey(input: string): string | null {
  const [call] = callsOf(parseTemplate(`{{ ${input} }}`));
  if (call?.word === "source") return sourceKey(call.source, call.table);
  return call?.word === "ref" ? call.name : null;
}

function keyOfId(id: string): string {
  const name = id.slice(id.indexOf(":") + 1);
  const [source = "", table = ""] = name.split(".");
  return id.startsWith("source:") ? sourceKey(source, table) : name;
}

function inputOfKey(key: string): string {
  return key.startsWith("source(") ? key : `ref('${key}')`;
}

function comparedColumns(test: Resource<UnitTestSpec>, columns: readonly Column[]): readonly Column[] {
  const names = [...new Set(test.spec.expect.rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return columns;
  return names.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column !== undefined) return column;
    const hint = didYouMean(
      name,
      columns.map((each) => each.name),
    );
    throw failure("E204", `model "${test.spec.model}" has no column "${name}"`, {
      at: test.at(["expect"]),
      ...(hint === undefined ? {} : { hint }),
    });
  });
}

function keyColumns(model: ModelResource, compared: readonly string[]): readonly string[] {
  const key = model.spec.primary_key;
  return key.length > 0 && key.every((column) => compared.includes(column)) ? key : compared.slice(0, 1);
}

/** Canonical texts of the compared columns, so that 80 and 80.00 are equal. */
async function textRows(
  { target }: UnitTestRunner,
  sql: string,
  columns: readonly Column[],
): Promise<readonly TextRow[]> {
  const { dialect } = target.warehouse;
  const texts = columns.map(
    ({ name, family }) => `${dialect.canonical(dialect.quote(name), family)} AS ${dialect.quote(name)}`,
  );
  return (await target.warehouse.rows(`SELECT ${texts.join(", ")} FROM (\n${sql}\n) q`)) as readonly TextRow[];
}

async function jsonRows({ target }: UnitTestRunner, sql: string, columns: readonly Column[]): Promise<Rows> {
  const { dialect } = target.warehouse;
  const members = columns.map(({ name, family }) => [name, dialect.wireJson(dialect.quote(name), family)] as const);
  const rows = await target.warehouse.rows(
    `SELECT ${dialect.jsonObject(members)} AS ${dialect.quote("made")} FROM (\n${sql}\n) q`,
  );
  return rows.map((row) => JSON.parse(row["made"]) as Readonly<Record<string, Json>>);
}
