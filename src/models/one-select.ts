/** SQL of the project for warehouses whose parser is not here: one SELECT that cannot leave the parentheses it is put in. */
import type { Diagnostic } from "../core.ts";
import type { Candidate } from "./read-only.ts";

/** Texts, quoted names and comments, in all dialects: what stands in them is no SQL. */
const opaque =
  /'''(?:\\[\s\S]|[^\\])*?'''|"""(?:\\[\s\S]|[^\\])*?"""|'(?:''|\\[\s\S]|[^'\\])*'|"(?:""|\\[\s\S]|[^"\\])*"|`(?:\\[\s\S]|[^`\\])*`|\$\$[\s\S]*?\$\$|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g;

/** E703 for what is not exactly one SELECT, with its place; none where all of it may be put in parentheses. */
export function checkOneSelect(candidates: readonly Candidate[]): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, readonly Diagnostic[]>();
  for (const { name, rendered } of candidates) {
    const problem = problemOf(rendered.sql);
    if (problem === null) continue;
    const { message, index } = problem;
    const hint = "a file of SQL holds exactly one SELECT";
    found.set(name, [{ code: "E703", severity: "error", message, at: rendered.locate(index), hint }]);
  }
  return found;
}

function problemOf(sql: string): { readonly message: string; readonly index: number } | null {
  // Of the same length, so that places stay.
  const bare = sql.replaceAll(opaque, (text) => " ".repeat(text.length)).replace(/[\s;]+$/, "");
  if (bare.trim() === "") return { message: "there is no SQL here", index: 0 };
  if (!/^\s*\(*\s*(select|with)\b/i.test(bare)) return { message: "this is not a SELECT", index: 0 };
  let depth = 0;
  for (let index = 0; index < bare.length; index += 1) {
    const character = bare[index];
    if (character === ";") return { message: "there are several statements", index };
    if (character === "'" || character === '"' || character === "`")
      return { message: "a quote is never closed", index };
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0) return { message: "a parenthesis is closed that was never opened", index };
  }
  return depth === 0 ? null : { message: "a parenthesis is never closed", index: 0 };
}
