/** test: unit tests need no data; data, audience and freshness tests look at the environment's. */
import { join } from "node:path";
import { runAudienceTests } from "../audience/tests.ts";
import type { TestResult } from "../core.ts";
import { nodePorts } from "../engine/node-ports.ts";
import { openPersons } from "../engine/persons.ts";
import { runDataTests } from "../models/data-tests.ts";
import { testFreshness } from "../models/freshness.ts";
import { runUnitTests } from "../models/unit-tests.ts";
import { acceptRows } from "./accept-rows.ts";
import { writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import type { Report } from "./reporters/report.ts";
import { selectResources } from "./selection.ts";
import { openProject, type OpenProject } from "./session.ts";
import { testSqlFile } from "./test-sql.ts";
import { usage } from "./usage.ts";
import { withWorkbench, type Workbench } from "./workbench.ts";

/** Runs what `test` selects; SQL that ran is written below target/compiled, and run_results.json. */
export async function runTests(context: CommandContext): Promise<Report> {
  const started = context.now();
  const { values } = context;
  if (values.flag("update") && values.flag("data"))
    throw usage("--update rewrites the expected rows of unit tests: it does not go with --data");
  if (values.flag("unit") && values.flag("data")) throw usage("--unit and --data leave nothing to run together");
  const opened = await openProject(context, { loadCode: false });
  const names = new Set((await selectResources(context, opened)).map((one) => one.id));
  const tests = await withWorkbench(context, opened, async (bench) => [
    ...(values.flag("data") ? [] : await unitTests(context, opened, bench, names)),
    ...(values.flag("unit") ? [] : await storedFailures(context, opened, bench, await dataTests(opened, bench, names))),
  ]);
  for (const test of tests)
    if (test.sql !== undefined) await writeArtifact(join(opened.target, testSqlFile(test)), `${test.sql}\n`);
  await opened.recordResults(context, tests.map(nodeResult));
  return {
    command: "test",
    environment: opened.project.environment.name,
    engine: opened.project.environment.warehouse.type,
    diagnostics: [],
    tests,
    files: opened.project.files.size,
    durationMs: context.now() - started,
    version: context.version,
  };
}

async function unitTests(
  context: CommandContext,
  opened: OpenProject,
  bench: Workbench,
  ids: ReadonlySet<string>,
): Promise<readonly TestResult[]> {
  const models = new Set([...opened.project.models.keys()].filter((name) => ids.has(`model:${name}`)));
  const results = await runUnitTests({
    project: opened.project,
    target: bench.session,
    compiler: bench.compiler,
    env: context.env,
    models,
  });
  const told = context.values.flag("update") ? await acceptRows(context, opened.project, results) : results;
  return told.map(({ test: _test, actual: _actual, ...result }) => result);
}

/** With --store-failures each broken data test names the file with its rows. */
async function storedFailures(
  context: CommandContext,
  opened: OpenProject,
  { session }: Workbench,
  results: readonly TestResult[],
): Promise<readonly TestResult[]> {
  if (!context.values.flag("storeFailures")) return results;
  const { storeFailures } = await import("./store-failures.ts");
  return storeFailures(results, { project: opened.project, warehouse: session.warehouse, target: opened.target });
}

async function dataTests(
  opened: OpenProject,
  { session, compiler, audiences }: Workbench,
  ids: ReadonlySet<string>,
): Promise<readonly TestResult[]> {
  const { project } = opened;
  const models = [...project.models.keys()].filter((name) => ids.has(`model:${name}`));
  const results = [...(await runDataTests({ project, session, compiler }, models))];
  const fresh = await testFreshness(project, session);
  results.push(...fresh.filter((test) => ids.has(`source:${test.subject}`)));
  const { clock, files } = nodePorts();
  const person = await openPersons(files, project.root);
  for (const [kind, map] of [
    ["segment", project.segments],
    ["audience", project.audiences],
  ] as const) {
    for (const name of map.keys()) {
      if (ids.has(`${kind}:${name}`))
        results.push(
          ...(await runAudienceTests(audiences, name, {
            warehouse: session.warehouse,
            now: () => clock.monotonic(),
            person,
          })),
        );
    }
  }
  return results;
}

function nodeResult(test: TestResult) {
  return {
    unique_id: `test:${test.kind}:${test.name}`,
    status: test.status,
    timing_ms: Math.round(test.durationMs),
    counts: test.failures === undefined ? {} : { failures: test.failures },
    message: test.message,
    code: null,
    file: test.at?.file ?? null,
    line: test.at?.line ?? null,
  };
}
