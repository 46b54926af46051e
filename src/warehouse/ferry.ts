/**
 * Rows between two places: the warehouse, where models and the ledger stand, and the desk, a DuckDB of the run's own, where its
 * plan is frozen, netted, sent and settled row by row. Only what a run works on goes to the desk, never what is unchanged.
 */
import type { Column, Labels, Warehouse } from "./warehouse.ts";

export interface Ferry {
  readonly warehouse: Warehouse;
  readonly desk: Warehouse;
  /** Catalog and schema of the run's tables at the desk, quoted. */
  readonly target: string;
  /** The name of a table in the warehouse that is of this command alone. */
  scratch(name: string): string;
  /** Makes a table of the desk out of what a query of the warehouse gives. */
  bring(table: string, query: string): Promise<void>;
  /** Gives the warehouse what queries of the desk give: relations, usable after FROM as long as `use` lasts. */
  lend<T>(queries: readonly string[], use: (relations: readonly string[]) => Promise<T>): Promise<T>;
  /** The same way, with more marks on every statement of the warehouse. */
  labelled(labels: Labels): Ferry;
}

/** Both in one connection: nothing is carried, the places read each other's tables. */
export function together(warehouse: Warehouse, target: string): Ferry {
  const ferry: Ferry = {
    warehouse,
    desk: warehouse,
    target,
    scratch: (name) => `${target}.${warehouse.dialect.quote(name)}`,
    async bring(table, query) {
      await warehouse.execute(`CREATE OR REPLACE TABLE ${table} AS ${query}`);
    },
    lend: (queries, use) => use(queries.map((query) => `(${query})`)),
    // Nobody reads marks in a file of one's own.
    labelled: () => ferry,
  };
  return ferry;
}

/** Two connections: rows are read at one and appended at the other, with flat memory. */
export function apart(
  warehouse: Warehouse,
  desk: Warehouse,
  { target, scratch }: Pick<Ferry, "target" | "scratch">,
): Ferry {
  return between(warehouse, desk, { target, scratch, lent: 0 });
}

/** `lent`: how many relations were lent so far, whatever their marks. */
function between(
  warehouse: Warehouse,
  desk: Warehouse,
  shared: Pick<Ferry, "target" | "scratch"> & { lent: number },
): Ferry {
  const { target, scratch } = shared;
  const carry = async (from: Warehouse, query: string, to: Warehouse, table: string): Promise<void> => {
    const columns = await from.describe(query);
    const list = columns.map((column) => `${to.dialect.quote(column.name)} ${typeAt(to, column, from)}`).join(", ");
    await to.execute(`CREATE OR REPLACE TABLE ${table} (${list})`);
    await to.append(table, rowsOf(from, query));
  };
  return {
    warehouse,
    desk,
    target,
    scratch,
    bring: (table, query) => carry(warehouse, query, desk, table),
    async lend(queries, use) {
      const relations = queries.map(() => scratch(`lent__${(shared.lent += 1)}`));
      try {
        for (const [at, query] of queries.entries()) await carry(desk, query, warehouse, relations[at] as string);
        return await use(relations);
      } finally {
        for (const relation of relations) await warehouse.execute(`DROP TABLE IF EXISTS ${relation}`);
      }
    },
    labelled: (labels) => between(warehouse.labelled(labels), desk, shared),
  };
}

async function* rowsOf(from: Warehouse, query: string): AsyncGenerator<(readonly unknown[])[]> {
  for await (const { rows, columns } of from.read(query))
    yield Array.from({ length: rows }, (_, at) => columns.map((column) => column[at]));
}

/** The type of the same values in another place. */
function typeAt(to: Warehouse, column: Column, from: Warehouse): string {
  return to.type === from.type ? column.type : to.dialect.columnType(column.family);
}
