import type { Location } from "../../core.ts";
import { templateOf } from "../graph.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { callsOf, parseTemplate } from "../template.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

/** source() of a source or table that no YAML declares. */
export const unknownSource: ValidationRule = {
  code: "E202",
  severity: "error",
  *check(context) {
    for (const { source, table, at } of calls(context)) {
      if (context.broken.has(`source:${source}`)) continue;
      const known = context.project.sources.get(source);
      if (!known)
        yield report(
          unknownSource,
          `there is no source called ${quoteText(source)}`,
          at,
          didYouMean(source, context.project.sources.keys(), "sources"),
        );
      else if (!known.spec.tables.some(({ name }) => name === table)) {
        yield report(
          unknownSource,
          `source "${source}" has no table ${quoteText(table)}`,
          at,
          didYouMean(
            table,
            known.spec.tables.map(({ name }) => name),
            "its tables",
          ),
        );
      }
    }
  },
  valid: { "models/more.sql": "select * from {{ source('shop', 'customers') }}" },
  invalid: { "models/more.sql": "select * from {{ source('shop', 'customer') }}" },
};

function* calls({ project }: RuleContext): Generator<{ source: string; table: string; at: Location }> {
  for (const { sql, file } of sqlTexts(project)) {
    for (const call of callsOf(templateOf(sql)))
      if (call.word === "source")
        yield {
          source: call.source,
          table: call.table,
          at: { file, line: call.line, column: call.column, length: call.length },
        };
  }
  for (const test of project.unitTests) {
    for (const [index, { input }] of test.spec.given.entries()) {
      const call = callsOf(parseTemplate(`{{ ${input} }}`))[0];
      if (call?.word === "source")
        yield { source: call.source, table: call.table, at: test.at(["given", index, "input"]) };
    }
  }
}

/** Every SQL text of the project with its file. */
export function* sqlTexts(
  project: RuleContext["project"],
): Generator<{ readonly sql: string; readonly file: string; readonly kind: "model" | "query" | "test" }> {
  for (const model of project.models.values()) yield { sql: model.sql, file: model.sqlFile, kind: "model" };
  for (const { spec } of [...project.segments.values(), ...project.audiences.values()]) {
    if (spec.sqlText !== undefined && spec.sqlFile !== undefined)
      yield { sql: spec.sqlText, file: spec.sqlFile, kind: "query" };
  }
  for (const test of project.sqlTests) yield { sql: test.sql, file: test.file, kind: "test" };
}
