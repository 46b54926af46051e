import type { Location } from "../core.ts";
import { templateOf } from "./graph.ts";
import type { Project } from "./project.ts";
import { callsOf, type Call, type Spot } from "./template.ts";

export interface SqlText {
  readonly sql: string;
  readonly file: string;
  readonly kind: "model" | "query" | "test";
}

/** Every SQL text that people wrote, with its file. */
export function* sqlTexts(project: Project): Generator<SqlText> {
  for (const model of project.models.values())
    if (model.library === undefined && model.dbt === undefined)
      yield { sql: model.sql, file: model.sqlFile, kind: "model" };
  for (const { spec } of [...project.segments.values(), ...project.audiences.values()]) {
    if (spec.sqlText !== undefined && spec.sqlFile !== undefined)
      yield { sql: spec.sqlText, file: spec.sqlFile, kind: "query" };
  }
  for (const test of project.sqlTests) yield { sql: test.sql, file: test.file, kind: "test" };
}

/** A call and the way to its place: in the SQL itself, or at the YAML text that holds it. */
export interface WrittenCall {
  readonly call: Call;
  at(spot: Spot): Location;
}

/** Every call of a template's word: in SQL, and in the inputs of unit tests. */
export function* writtenCalls(project: Project): Generator<WrittenCall> {
  for (const { sql, file } of sqlTexts(project))
    for (const call of callsOf(templateOf(sql)))
      yield { call, at: ({ line, column, length }) => ({ file, line, column, length }) };
  for (const test of project.unitTests)
    for (const [index, { input }] of test.spec.given.entries())
      for (const call of callsOf(templateOf(`{{ ${input} }}`)))
        yield { call, at: () => test.at(["given", index, "input"]) };
}
