import { templateOf } from "../graph.ts";
import { sqlTexts } from "../sql-texts.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { callsOf } from "../template.ts";
import { report, type ValidationRule } from "./rule.ts";

/** var() of a variable that has neither a value nor a default. */
export const unknownVar: ValidationRule = {
  code: "E215",
  severity: "error",
  *check({ project }) {
    for (const { sql, file } of sqlTexts(project)) {
      for (const call of callsOf(templateOf(sql))) {
        if (call.word !== "var" || call.fallback !== undefined || Object.hasOwn(project.vars, call.name)) continue;
        yield report(
          unknownVar,
          `there is no variable ${quoteText(call.name)}`,
          { file, line: call.line, column: call.column, length: call.length },
          didYouMean(call.name, Object.keys(project.vars), "variables"),
        );
      }
    }
  },
  valid: {
    "models/more.sql": "select '{{ var('history_start') }}' as a, '{{ var('as_of') }}' as b, {{ var('c', 1) }} as c",
  },
  invalid: { "models/more.sql": "select '{{ var('history_stat') }}' as a" },
};
