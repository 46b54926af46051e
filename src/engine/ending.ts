/** Statements of one transaction in the warehouse, some of which read rows of the desk. */
import type { Ferry } from "../warehouse/ferry.ts";

/** A statement over rows of the desk: `rows` is a query there, `statement` is given a relation of the warehouse. */
export interface Part {
  readonly rows: string;
  readonly statement: (rows: string) => string;
}

/** What closes a plan: done in the transaction of its last rows, so that a plan is never settled and open (R22, R29). */
export interface Ending {
  readonly parts: readonly Part[];
  readonly statements: readonly string[];
}

export const noEnding: Ending = { parts: [], statements: [] };

/** Hands the statements of an ending to `use` while the warehouse can read their rows, and those of more queries of the desk. */
export function withRows(
  ferry: Ferry,
  queries: readonly string[],
  { parts, statements }: Ending,
  use: (relations: readonly string[], ending: readonly string[]) => Promise<void>,
): Promise<void> {
  return ferry.lend([...queries, ...parts.map(({ rows }) => rows)], (relations) =>
    use(relations.slice(0, queries.length), [
      ...parts.map(({ statement }, at) => statement(relations[queries.length + at] as string)),
      ...statements,
    ]),
  );
}
