/** The library's own unit tests, each run as a project would run it: a model that is the call, and inputs that are given. */
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCompiler } from "../../src/models/compile.ts";
import { givenSelect } from "../../src/models/given-rows.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { runUnitTests } from "../../src/models/unit-tests.ts";
import { libraryModel, libraryNames, type LibraryModel } from "../../src/project/library.ts";
import { loadProject } from "../../src/project/load.ts";
import { unitTestSchema } from "../../src/project/schema/tests.ts";
import { files, temporary } from "./fixture.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

const written = z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.string()) });
const tests = libraryNames().flatMap((name) => {
  const model = libraryModel(name)!;
  return model.unit_tests.map((raw) => {
    const { arguments: given, ...test } = written.parse(raw);
    return { name: `millrace.${name} › ${test.name}`, model, given, test };
  });
});

/** A project with one call and one unit test; inputs are typed by what the test gives. */
async function projectWith(model: LibraryModel, given: Readonly<Record<string, string>>, test: object) {
  const spec = unitTestSchema.parse({ ...test, model: "subject" });
  const call = Object.entries(given).map(([name, value]) => `, ${name}='${value}'`);
  const root = await temporary();
  await files(root, {
    "millrace.yml":
      'version: 1\nname: library\nenvironments: { dev: { warehouse: { type: duckdb, path: ":memory:" } } }\n',
    "models/subject.sql": `select * from {{ ref('millrace.${model.name}'${call.join("")}) }}`,
    "models/subject.yml": `unit_tests:\n  - ${JSON.stringify({ ...test, model: "subject" })}`,
    ...Object.fromEntries(
      spec.given.map(({ input, rows }) => {
        const name = /'(.*)'/.exec(input)?.[1] ?? "";
        return [`models/${name}.sql`, givenSelect(duckdbDialect, rows, null)];
      }),
    ),
  });
  const loaded = await loadProject({ projectDir: root, now: 0 });
  expect(loaded.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const project = loaded.project!;
  const session = await openSession(project, { write: false, env: {} });
  open.push(session);
  return { project, session, compiler: await createCompiler(project, session) };
}

describe("each model of the library", () => {
  it.each(tests)("$name", async ({ model, given, test }) => {
    const { project, session, compiler } = await projectWith(model, given, test);
    const [result] = await runUnitTests({ project, target: session, compiler });
    expect(result).toMatchObject({ status: "passed" });
  });

  it.each(libraryNames())("%s gives the columns it documents, and the call passes them on", async (name) => {
    const { model, given, test } = tests.find((each) => each.model.name === name)!;
    const { project, compiler } = await projectWith(model, given, test);
    await compiler.prepare(["subject"]);
    const call = [...project.models.values()].find(({ library }) => library?.model === name);
    expect(compiler.columns("subject").map((column) => column.name)).toEqual(
      call!.spec.columns.map((column) => column.name),
    );
    expect(compiler.diagnostics()).toEqual([]);
  });
});
