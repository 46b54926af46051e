import type { Diagnostic } from "../core.ts";
import { relationParts } from "../warehouse/duckdb-append.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { text } from "../warehouse/row.ts";
import type { Rendered } from "./rendered.ts";

/** SQL of the project to be looked at by DuckDB's own parser before it may run. */
export interface Candidate {
  readonly name: string;
  readonly rendered: Rendered;
  /** Relations its words were compiled to, as they stand in the SQL: the only tables it may name. */
  readonly relations: ReadonlySet<string>;
}

const tableFunctions = new Set([
  "range",
  "generate_series",
  "unnest",
  "json_each",
  "json_tree",
  "repeat",
  "repeat_row",
]);

/** Scalar functions that write, read the machine, or read beyond the statement. */
const forbiddenFunctions = new Set([
  "nextval",
  "currval",
  "setseed",
  "getenv",
  "write_log",
  "getvariable",
  "current_setting",
  "set_config",
  "txid_current",
]);

/**
 * Holds SQL to decision 49: exactly one SELECT, naming only what its words were compiled to and its own CTEs; table functions
 * from a closed list; no parameters. E703 and E704 with a place, none when it is clean.
 */
export async function checkReadOnly(
  warehouse: DuckDBWarehouse,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, readonly Diagnostic[]>> {
  const found = new Map<string, readonly Diagnostic[]>();
  for (const candidate of candidates) {
    const [row] = await warehouse.rows(
      "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_null := true, skip_empty := true) AS tree",
      [candidate.rendered.sql],
    );
    const problems = judge(candidate, JSON.parse(text(row, "tree")));
    if (problems.length > 0) found.set(candidate.name, problems);
  }
  return found;
}

function judge(candidate: Candidate, tree: any): readonly Diagnostic[] {
  const { rendered } = candidate;
  const whole = rendered.locate(0);
  if (tree.error === true && tree.error_type === "parser") {
    const position = Number(tree.position ?? 0);
    return [
      { code: "E702", severity: "error", message: String(tree.error_message), at: locateByte(rendered, position) },
    ];
  }
  if (tree.error === true) return [notSelect(whole, "this is not a SELECT")];
  const statements: readonly any[] = tree.statements ?? [];
  if (statements.length === 0) return [notSelect(whole, "there is no SQL here")];
  if (statements.length > 1) return [notSelect(whole, `there are ${statements.length} statements`)];
  const allowed = new Set([...candidate.relations].map((relation) => keyOf(relationParts(relation))));
  const problems: Diagnostic[] = [];
  walk(statements[0], new Set(), allowed, (message, location, hint) =>
    problems.push({
      code: "E704",
      severity: "error",
      message,
      at: locateByte(rendered, location),
      ...(hint === undefined ? {} : { hint }),
    }),
  );
  return problems;
}

function notSelect(at: Diagnostic["at"] & object, message: string): Diagnostic {
  return { code: "E703", severity: "error", message, at, hint: "a file of SQL holds exactly one SELECT" };
}

type Report = (message: string, location: number, hint?: string) => void;

/** Visits every node; CTE names are known below the query that defines them. */
function walk(node: any, ctes: ReadonlySet<string>, allowed: ReadonlySet<string>, report: Report): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, ctes, allowed, report);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const own: readonly any[] = node.cte_map?.map ?? [];
  const scope = own.length === 0 ? ctes : new Set([...ctes, ...own.map(({ key }) => String(key).toLowerCase())]);
  judgeNode(node, scope, allowed, report);
  for (const value of Object.values(node)) walk(value, scope, allowed, report);
}

function judgeNode(node: any, ctes: ReadonlySet<string>, allowed: ReadonlySet<string>, report: Report): void {
  const location = Number(node.query_location ?? 0);
  switch (node.type) {
    case "BASE_TABLE": {
      const parts = [node.catalog_name, node.schema_name, node.table_name].filter(
        (part) => part !== undefined && part !== "",
      );
      const local = parts.length === 1 && ctes.has(String(parts[0]).toLowerCase());
      if (!local && !allowed.has(keyOf(parts))) {
        report(
          `"${parts.join(".")}" is not a ref or source of this file`,
          location,
          "write {{ ref('…') }} or {{ source('…', '…') }}",
        );
      }
      return;
    }
    case "TABLE_FUNCTION": {
      const name = String(node.function?.function_name).toLowerCase();
      if (!tableFunctions.has(name))
        report(
          `table function ${name}() is not allowed here`,
          location,
          `allowed: ${[...tableFunctions].toSorted().join(", ")}`,
        );
      return;
    }
    case "SHOW_REF":
      report("DESCRIBE and SHOW are not allowed here", location);
      return;
    case "VALUE_PARAMETER":
      report("parameters (?, $1) are not allowed here", location, "use {{ var('…') }}");
      return;
    case "FUNCTION": {
      const name = String(node.function_name).toLowerCase();
      if (forbiddenFunctions.has(name)) report(`function ${name}() is not allowed here`, location);
      return;
    }
    default:
  }
}

function keyOf(parts: readonly string[]): string {
  return parts.map((part) => part.toLowerCase()).join("\0");
}

/** DuckDB counts bytes. Places it does not know are the largest unsigned number. */
function locateByte(rendered: Rendered, byte: number): NonNullable<Diagnostic["at"]> {
  if (!Number.isSafeInteger(byte)) return rendered.locate(0);
  return rendered.locate(Buffer.from(rendered.sql).subarray(0, byte).toString().length);
}
