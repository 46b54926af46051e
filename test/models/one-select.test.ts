import { expect, it } from "vitest";
import { checkOneSelect } from "../../src/models/one-select.ts";
import type { Rendered } from "../../src/models/rendered.ts";

/** What is said of a text, and at which place of it; null where it may stand in parentheses. */
function said(sql: string): string | null {
  const rendered = { sql, locate: (index: number) => ({ file: "m.sql", line: 1, column: index + 1 }) } as Rendered;
  const [problem] = checkOneSelect([{ name: "m", rendered, relations: new Set() }]).get("m") ?? [];
  return problem === undefined ? null : `${problem.code} ${problem.message} (${problem.at?.column})`;
}

it.each([
  "select 1",
  "  with a as (select 1) select * from a;  \n",
  "(select 1) union all (select 2)",
  "select ';' as a, \"b;\" as c, `d;)` as e -- ; )",
  "select 'it''s )' as a /* ; ) */",
  "select 'a\\'); drop table x; --' as a",
  "select '''a ' ; )''' as a, \"\"\"b \" ;\"\"\" as c",
  "select $$ ' ; ) $$ as a",
  "select 1 # ; )",
])("%s", (sql) => {
  expect(said(sql)).toBeNull();
});

it.each([
  ["", "E703 there is no SQL here (1)"],
  ["-- nothing", "E703 there is no SQL here (1)"],
  ["delete from t", "E703 this is not a SELECT (1)"],
  ["select 1; drop table t", "E703 there are several statements (9)"],
  ["select 1) ; drop table t; select (1", "E703 a parenthesis is closed that was never opened (9)"],
  ["select (1", "E703 a parenthesis is never closed (1)"],
  ["select 'a", "E703 a quote is never closed (8)"],
  ["select 'a\\'); drop table x; --", "E703 a quote is never closed (8)"],
])("%s: %s", (sql, expected) => {
  expect(said(sql)).toBe(expected);
});
