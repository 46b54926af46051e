/** Column lineage as data: what each column of a relation is computed from, and which columns decide about its rows. */
import type { Location } from "../core.ts";

/** A column of a relation; `relation` is `kind:name`, as in the graph: `source:shop.orders`, `model:customers`. */
export interface Input {
  readonly relation: string;
  readonly column: string;
}

/** How a value comes about; null where only the inputs are known. */
export type How = "copy" | "expression" | "aggregate" | "template" | "lookup" | "identifier" | null;

export interface ColumnLineage {
  readonly name: string;
  /** Null: nobody can say. An empty list is a constant, or a column of a source. */
  readonly inputs: readonly Input[] | null;
  readonly how: How;
}

/** A column that decides which rows there are; without a column, being in a segment or audience does. */
export interface Reading {
  readonly relation: string;
  readonly column: string | null;
  /** The clause or the rule: `join`, `filter`, `not_within_last`, `exclude`. */
  readonly how: string;
}

export interface RelationLineage {
  readonly id: string;
  readonly columns: readonly ColumnLineage[];
  /** False of sources and seeds, which nothing here makes. */
  readonly made: boolean;
  /** Are these all of its columns? */
  readonly complete: boolean;
  readonly filters: readonly Reading[];
  /** Relations that its query names. */
  readonly reads: readonly string[];
  /** Why something is not known, in words; see W252. */
  readonly doubts: readonly string[];
  readonly at: Location | null;
}

/** What a query tells of itself; names that {@link Input} uses. */
export type QueryLineage = Pick<RelationLineage, "columns" | "complete" | "filters" | "reads" | "doubts">;

/** Of what nobody can say anything. */
export const unknownQuery: QueryLineage = { columns: [], complete: false, filters: [], reads: [], doubts: [] };

/** SQL compares names without case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function columnOf(relation: RelationLineage, name: string): ColumnLineage | undefined {
  return relation.columns.find((column) => sameName(column.name, name));
}
