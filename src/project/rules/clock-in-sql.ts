import { sqlTexts } from "../sql-texts.ts";
import { spotAt } from "../template.ts";
import { report, type ValidationRule } from "./rule.ts";

/** SQL that asks the clock: the result depends on when it ran, not on as_of (decision 4). */
export const clockInSql: ValidationRule = {
  code: "W220",
  severity: "warning",
  *check({ project }) {
    for (const { sql, file } of sqlTexts(project)) {
      for (const match of blankOut(sql).matchAll(
        /\b(now|today|current_timestamp|current_date|current_localtimestamp|get_current_timestamp)\b(\s*\(\s*\))?/gi,
      )) {
        const word = match[1]?.toLowerCase() ?? "";
        if ((word === "now" || word === "today") && match[2] === undefined) continue;
        yield report(
          clockInSql,
          `${word} depends on when the query runs`,
          { file, ...spotAt(sql, match.index, match.index + match[0].length) },
          `write '{{ var("as_of") }}'::timestamptz, the run's own time`,
        );
      }
    }
  },
  valid: { "models/more.sql": "select 'now()' as a, '{{ var('as_of') }}' as b -- not now()" },
  invalid: { "models/more.sql": "select now() as a" },
};

/** Texts, quoted names and comments replaced by blanks of the same length. */
function blankOut(sql: string): string {
  return sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\}/g, (text) =>
    text.replaceAll(/[^\n]/g, " "),
  );
}
