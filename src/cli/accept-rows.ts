/** `test --update`: what unit tests give now becomes what they expect; comments and the rest of the file stay. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../core.ts";
import type { UnitTestResult } from "../models/unit-tests.ts";
import type { Project } from "../project/project.ts";
import type { CommandContext } from "./command.ts";
import { replaceRows } from "./edit-rows.ts";

/** The results again: those of accepted tests are passed. Tells each file it wrote. */
export async function acceptRows(
  context: CommandContext,
  project: Project,
  results: readonly UnitTestResult[],
): Promise<readonly UnitTestResult[]> {
  const told: UnitTestResult[] = [];
  for (const result of results) {
    const accepted = result.status === "failed" && (await accept(context, project, result));
    told.push(accepted ? { ...result, status: "passed", message: "expected rows updated", detail: [] } : result);
  }
  return told;
}

async function accept(context: CommandContext, project: Project, { test, actual }: UnitTestResult): Promise<boolean> {
  if (actual === undefined) return false;
  const path = join(project.root, test.file);
  const model = project.models.get(test.spec.model)?.spec;
  const text = await readFile(path, "utf8");
  const edited = replaceRows(text, {
    test: { name: test.spec.name, model: test.spec.model },
    rows: actual as readonly Readonly<Record<string, Json>>[],
    key: model?.primary_key ?? [],
  });
  if (edited === null) {
    context.terminal.error(
      `${test.file}: the rows of ${test.spec.name} are written in a way that cannot be edited here`,
    );
    return false;
  }
  if (edited !== text) await writeFile(path, edited);
  context.terminal.error(`updated ${test.file}: ${test.spec.model} › ${test.spec.name}`);
  return true;
}
