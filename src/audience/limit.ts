/** `limit:`: who comes first, as many as may. */
import type { AudienceSpec, Resource, SegmentSpec } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { problem, type Compilation, type Scope } from "./compile.ts";
import { below, primaryKey, type Place } from "./context.ts";
import { derived, keySql, qualified } from "./key.ts";
import { wordsOf } from "./words.ts";

/** What is limited: the scope's rows, and the columns that they may be ordered by with their SQL. */
export interface Limited {
  readonly scope: Scope;
  source(column: string): string;
  columns(): readonly Column[];
}

/**
 * The end of a query that keeps `limit.max` rows, and the join that tells who is a member already, which stands before its
 * WHERE: not every warehouse takes a subquery in ORDER BY. Both empty where nothing is limited.
 */
export function limitClause(
  resource: Resource<SegmentSpec | AudienceSpec>,
  { scope, source, columns }: Limited,
  compilation: Compilation,
): { readonly join: string; readonly clause: string } {
  const { context } = compilation;
  const limit = "limit" in resource.spec ? resource.spec.limit : undefined;
  if (limit === undefined) return { join: "", clause: "" };
  const key = primaryKey(context, scope.model);
  const current = limit.sticky === true ? (context.currentMembers?.(resource.name) ?? null) : null;
  const join =
    current === null
      ? ""
      : ` LEFT JOIN (SELECT DISTINCT k FROM ${derived(current, "d")}) c ON ${keySql(context.dialect, scope.alias, key)} = c.k`;
  const { orderBy } = wordsOf(context.dialect);
  const place = below({ resource, path: [] }, "limit", "order_by");
  const terms = [
    ...(current === null ? [] : ["CASE WHEN c.k IS NULL THEN 1 ELSE 0 END"]),
    ...(limit.order_by === undefined ? [] : limitOrder(limit.order_by, columns(), source, place, compilation)),
    ...key.map(({ name, family }) => orderBy(qualified(context.dialect, scope.alias, name), family, "ASC")),
  ];
  return { join, clause: ` ORDER BY ${terms.join(", ")} LIMIT ${limit.max}` };
}

/**
 * The terms of `limit.order_by` (`lifetime_value desc, last_order_at`), as SQL with NULLs last. Only columns are taken,
 * so that the same text orders alike on every warehouse; records E235 and E237.
 */
function limitOrder(
  text: string,
  columns: readonly Column[],
  source: (column: string) => string,
  place: Place,
  compilation: Compilation,
): readonly string[] {
  return text.split(",").flatMap((term) => {
    const match = /^\s*([\p{L}_][\p{L}\p{N}_$]*|"[^"]+")(?:\s+(asc|desc))?\s*$/iu.exec(term);
    if (match === null) {
      problem(
        compilation,
        "E237",
        `order_by does not understand "${term.trim().slice(0, 200)}"`,
        place,
        "write COLUMN, COLUMN desc, or several with commas",
      );
      return [];
    }
    const column = match[1]!.replaceAll('"', "");
    const found = columns.find(({ name }) => name === column);
    const direction = match[2]?.toUpperCase() === "DESC" ? "DESC" : "ASC";
    if (found !== undefined)
      return [wordsOf(compilation.context.dialect).orderBy(source(column), found.family, direction)];
    const names = columns.map(({ name }) => name);
    problem(compilation, "E235", `order_by: there is no column "${column}"`, place, didYouMean(column, names));
    return [];
  });
}
