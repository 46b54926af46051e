import { sqlTexts } from "../sql-texts.ts";
import { spotAt } from "../template.ts";
import { report, type ValidationRule } from "./rule.ts";

/** SQL that asks the clock: the result depends on when it ran, not on as_of (decision 4). */
export const clockInSql: ValidationRule = {
  code: "W220",
  severity: "warning",
  *check({ project }) {
    for (const { sql, file } of sqlTexts(project)) {
      for (const match of blankOut(sql).matchAll(clock)) {
        yield report(
          clockInSql,
          `${(match[1] ?? match[2] ?? "").toLowerCase()} depends on when the query runs`,
          { file, ...spotAt(sql, match.index, match.index + match[0].length) },
          `write '{{ var("as_of") }}'::timestamptz, the run's own time`,
        );
      }
    }
  },
  valid: { "models/more.sql": "select 'now()' as a, '{{ var('as_of') }}' as b -- not now()" },
  invalid: { "models/more.sql": "select now() as a" },
};

/** Clocks as they stand, and clocks only when called: `today` alone is somebody's column. */
const bareWords = ["current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"];
const calledWords = [
  "now",
  "today",
  "transaction_timestamp",
  "get_current_timestamp",
  "get_current_time",
  "current_localtimestamp",
  "current_localtime",
];

/** Not behind a dot: `o.current_date` is a column. */
const clock = new RegExp(
  String.raw`(?<!\.\s*)\b(?:(${bareWords.join("|")})\b|(${calledWords.join("|")})\s*\(\s*\))`,
  "gi",
);

/** Texts, quoted names and comments replaced by blanks of the same length. */
function blankOut(sql: string): string {
  return sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\}/g, (text) =>
    text.replaceAll(/[^\n]/g, " "),
  );
}
