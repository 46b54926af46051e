import type { Json } from "../../core.ts";
import type { DataTestSpec } from "../project.ts";
import { toJson } from "../schema/common.ts";
import type { ManifestTest } from "./manifest-schema.ts";

const types = new Set<string>(["unique", "not_null", "accepted_values", "relationships"]);

/** A dbt test of a column as one of millrace's, or null for what only dbt can run: macros of packages, SQL, templates, thresholds of its own. */
export function dataTestOf({ test_metadata: metadata, column_name, config }: ManifestTest): DataTestSpec | null {
  if (!metadata || !column_name || (metadata.namespace ?? null) !== null || !types.has(metadata.name)) return null;
  const limit = toleratedRows(config.error_if ?? "!= 0");
  const where = config.where ?? undefined;
  // Templates and subqueries are dbt's own: no SQL of a project may hold them.
  if (limit === null || (where !== undefined && /\{\{|\{%|\bselect\b/i.test(where))) return null;
  const args = argumentsOf(metadata.name, metadata.kwargs);
  if (args === null) return null;
  return {
    type: metadata.name as DataTestSpec["type"],
    arguments: args,
    severity: config.severity?.toLowerCase() === "warn" ? "warn" : "error",
    ...(where === undefined ? {} : { where }),
    limit,
  };
}

/** `!= 0` and `> 10` as rows that are tolerated. */
function toleratedRows(condition: string): number | null {
  if (/^\s*!=\s*0\s*$/.test(condition)) return 0;
  const above = /^\s*>\s*(\d{1,12})\s*$/.exec(condition)?.[1];
  return above === undefined ? null : Number(above);
}

function argumentsOf(name: string, kwargs: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> | null {
  const { to, field, values } = { ...(kwargs["arguments"] as object | undefined), ...kwargs } as Record<
    string,
    unknown
  >;
  if (name === "accepted_values") return Array.isArray(values) ? { values: toJson(values) } : null;
  if (name !== "relationships") return {};
  const target = /^\s*ref\(\s*['"](\w+)['"]\s*\)\s*$/.exec(String(to))?.[1];
  return target === undefined || typeof field !== "string" ? null : { to: `ref('${target}')`, field };
}
