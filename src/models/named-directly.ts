/** Tables that a file of SQL names by itself, without source() or ref(): read from its words, as no parser of its dialect is here. */
import { templateOf } from "../project/graph.ts";

export interface NamedDirectly {
  /** Two or three parts each: schema and table, behind a project or database. */
  readonly tables: readonly (readonly string[])[];
  /** A variable stands for a table's name, or for a part of it. */
  readonly variable: boolean;
}

const quoted = '`[^`]+`|"[^"]+"|[A-Za-z_][\\w$-]*';
const name = new RegExp(`\\b(?:from|join)\\s+((?:${quoted})(?:\\s*\\.\\s*(?:${quoted}))*)(?![\\w$-]|\\s*[.(])`, "gi");
const alias = /\b(?:from|join)\s+[^\s,()]+\s+(?:as\s+)?([A-Za-z_]\w*)/gi;
const comment = /--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|'(?:''|\\[\s\S]|[^'\\])*'/g;
/** `extract(day from x.y)`: a FROM that reads no table. */
const inside = /\b(?:extract|[lr]?trim|substring|overlay|position)\s*\([^()]*$/i;
const placeholder = "__millrace_call__";
const byVariable = new RegExp(`\\b(?:from|join)\\s+[^\\s,()]*${placeholder}`, "i");

/** `folds`: names without quotes mean the same in any case, as in Snowflake; they are given in small letters then. */
export function namedDirectly(sql: string, { folds }: { readonly folds: boolean }): NamedDirectly {
  const text = templateOf(sql)
    .parts.map((part) => {
      if ("text" in part) return part.text;
      // What source(), ref() and this stand for is granted by its own name.
      return ["var", "env_var", "target.name"].includes(part.call.word) ? placeholder : "known_relation";
    })
    .join("")
    .replaceAll(comment, " ");
  const aliases = new Set([...text.matchAll(alias)].map(([, word = ""]) => word.toLowerCase()));
  const tables = new Map<string, readonly string[]>();
  for (const match of text.matchAll(name)) {
    const written = match[1] ?? "";
    if (written.includes(placeholder) || inside.test(text.slice(0, match.index))) continue;
    const parts = (written.match(new RegExp(quoted, "g")) ?? []).flatMap((part) => unquoted(part, folds));
    // One part is a CTE's name; behind an alias stands a column that holds rows.
    if (parts.length < 2 || parts.length > 3 || aliases.has((parts[0] ?? "").toLowerCase())) continue;
    tables.set(parts.join("."), parts);
  }
  return { tables: [...tables.values()], variable: byVariable.test(text) };
}

/** BigQuery takes a whole path in one pair of backquotes. */
function unquoted(part: string, folds: boolean): readonly string[] {
  if (part.startsWith("`")) return part.slice(1, -1).split(".");
  if (part.startsWith('"')) return [part.slice(1, -1)];
  return [folds ? part.toLowerCase() : part];
}
