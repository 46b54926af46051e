import type { Location, TestResult } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { callsOf, parseTemplate } from "../project/template.ts";
import type { DataTestSpec, ModelResource, Project } from "../project/project.ts";
import { wordsOf as ledgerWords } from "../ledger/words.ts";
import { integer } from "../warehouse/row.ts";
import type { Compiler } from "./compile.ts";
import { dataTestSql } from "./data-test-sql.ts";
import { judgeAge } from "./freshness.ts";
import { isPersonal, mask } from "./mask.ts";
import type { Session } from "./session.ts";

interface Runner {
  readonly project: Project;
  readonly session: Session;
  readonly compiler: Compiler;
}

/** Runs the data tests of these models (of their columns and of the whole), and the custom tests (`tests/*.sql`) that read them. */
export async function runDataTests(runner: Runner, models: Iterable<string>): Promise<readonly TestResult[]> {
  const wanted = new Set(models);
  const results: TestResult[] = [];
  for (const model of runner.project.models.values()) {
    if (!wanted.has(model.name)) continue;
    for (const [index, column] of model.spec.columns.entries()) {
      for (const [nth, test] of column.data_tests.entries()) {
        results.push(
          await runDataTest(runner, model, column.name, test, model.at(["columns", index, "data_tests", nth])),
        );
      }
    }
    for (const [nth, test] of model.spec.data_tests.entries()) {
      results.push(await runDataTest(runner, model, null, test, model.at(["data_tests", nth])));
    }
  }
  for (const test of runner.project.sqlTests) {
    const reads = callsOf(parseTemplate(test.sql)).flatMap((call) => (call.word === "ref" ? [call.name] : []));
    if (reads.some((name) => wanted.has(name))) results.push(await runCustomTest(runner, test, reads[0] ?? test.name));
  }
  return results;
}

async function runDataTest(
  runner: Runner,
  model: ModelResource,
  column: string | null,
  test: DataTestSpec,
  at: Location,
): Promise<TestResult> {
  const { session, compiler, project } = runner;
  const name = `${model.name}${column === null ? "" : `.${column}`} › ${test.type}`;
  const template = dataTestSql(session.warehouse.dialect, model.name, column, test);
  if (template === null) {
    const { field, warn, fail } = test.arguments;
    const freshness = {
      field: column ?? String(field),
      ...(typeof warn === "string" ? { warn } : {}),
      ...(typeof fail === "string" ? { fail } : {}),
    };
    const relation = (): string => `(\n${compiler.query(model.name)}\n)`;
    const result = await judgeAge(session.warehouse, {
      subject: model.name,
      freshness,
      at,
      asOf: String(project.vars["as_of"]),
      relation,
    });
    return {
      ...result,
      kind: "data",
      name,
      status: result.status === "failed" && test.severity === "warn" ? "warned" : result.status,
    };
  }
  const base = { kind: "data" as const, name, subject: model.name, at };
  return measured(base, async () => {
    const sql = await compiler.textQuery(model.file, template);
    if (test.type === "row_count") return { ...(await judgeCount(session, test, sql)), sql };
    const { quote } = session.warehouse.dialect;
    const broken = `SELECT count(*) AS ${quote("values")}, coalesce(sum(n), 0) AS ${quote("rows")} FROM (\n${sql}\n) t`;
    const [counted] = await session.warehouse.rows(broken);
    const failures = integer(counted, test.type === "unique" ? "values" : "rows");
    if (failures <= test.limit)
      return {
        status: "passed",
        message: failures === 0 ? "holds" : `${failures} of ${test.limit} tolerated`,
        failures,
        sql,
      };
    const personal = column === null || isPersonal(column, model.spec.columns);
    const examples = await examplesOf(session, test, sql, personal);
    return {
      status: test.severity === "warn" ? "warned" : "failed",
      message: `${failures} ${what(test, failures)} (limit ${test.limit})`,
      detail: examples,
      failures,
      sql,
    };
  });
}

async function judgeCount(session: Session, test: DataTestSpec, sql: string): Promise<Judged> {
  const [row] = await session.warehouse.rows(sql);
  const found = integer(row, "n");
  const { min, max } = test.arguments;
  const wrong =
    typeof min === "number" && found < min
      ? `at least ${min}`
      : typeof max === "number" && found > max
        ? `at most ${max}`
        : null;
  if (wrong === null) return { status: "passed", message: `${found} rows` };
  return {
    status: test.severity === "warn" ? "warned" : "failed",
    message: `${found} rows, expected ${wrong}`,
    failures: found,
  };
}

function what(test: DataTestSpec, failures: number): string {
  const plural = failures === 1 ? "" : "s";
  switch (test.type) {
    case "unique":
      return `duplicate value${plural}`;
    case "not_null":
      return `row${plural} with NULL`;
    case "accepted_values":
      return `row${plural} with another value`;
    case "relationships":
      return `row${plural} without a row over there`;
    default:
      return `row${plural} for which it does not hold`;
  }
}

/** `First 3, masked:` and the values with how often each stands there. */
async function examplesOf(
  session: Session,
  test: DataTestSpec,
  sql: string,
  personal: boolean,
): Promise<readonly string[]> {
  if (test.type === "not_null" || test.type === "expression") return [];
  const rows = await session.warehouse.rows(
    `SELECT value, n FROM (\n${sql}\n) t ORDER BY n DESC, ${ledgerWords(session.warehouse.dialect).text("value")} LIMIT 3`,
  );
  const values = rows.map((row) => `${personal ? mask(row["value"]) : String(row["value"])} ×${row["n"]}`);
  return [`First ${rows.length}${personal ? ", masked" : ""}:`, `  ${values.join("   ")}`];
}

function runCustomTest(
  { session, compiler }: Runner,
  test: Project["sqlTests"][number],
  subject: string,
): Promise<TestResult> {
  const at = { file: test.file, line: 1, column: 1 };
  return measured({ kind: "data", name: test.name, subject, at }, async () => {
    const sql = await compiler.textQuery(test.file, test.sql);
    const [row] = await session.warehouse.rows(`SELECT count(*) AS n FROM (\n${sql}\n) t`);
    const failures = integer(row, "n");
    if (failures === 0) return { status: "passed", message: "no bad rows", failures, sql };
    return { status: "failed", message: `${failures} bad row${failures === 1 ? "" : "s"}`, failures, sql };
  });
}

type Judged = Pick<TestResult, "status" | "message"> & Partial<Pick<TestResult, "detail" | "failures" | "sql">>;

/** Runs a test; what a user can mend becomes the result `errored`, at the place the error names. */
export async function measured(
  base: Pick<TestResult, "kind" | "name" | "subject" | "at">,
  work: () => Promise<Judged>,
): Promise<TestResult> {
  const started = performance.now();
  const end = (judged: Judged): TestResult => ({
    ...base,
    detail: [],
    ...judged,
    durationMs: performance.now() - started,
  });
  try {
    return end(await work());
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return end({ status: "errored", message: error.diagnostics[0]?.message ?? error.message });
  }
}
