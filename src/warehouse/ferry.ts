/**
 * Rows between two places: the warehouse, where models and the ledger stand, and the desk, a DuckDB of the run's own, where its
 * plan is frozen, netted, sent and settled row by row. Only what a run works on goes to the desk, never what is unchanged.
 */
import type { Column, Dialect, Estimate, Labels, Warehouse } from "./warehouse.ts";

export interface Ferry {
  readonly warehouse: Warehouse;
  readonly desk: Warehouse;
  /** The desk is another place: what goes between is carried, and each statement of the warehouse costs a wait. */
  readonly apart: boolean;
  /** Catalog and schema of the run's tables at the desk, quoted. */
  readonly target: string;
  /** Which tables of the desk stand in the warehouse as well, as they were brought. */
  readonly standing: Standing;
  /** The name of a table in the warehouse that is of this command alone. */
  scratch(name: string): string;
  /** Makes such a table out of a query, held to what it was estimated to read, and gives its relation. */
  make(name: string, query: string, estimate?: Estimate | null): Promise<string>;
  /** Makes a table of the desk out of what a query of the warehouse gives. */
  bring(table: string, query: string): Promise<void>;
  /** Gives the warehouse what queries of the desk give: relations, usable after FROM as long as `use` lasts. */
  lend<T>(queries: readonly string[], use: (relations: readonly string[]) => Promise<T>): Promise<T>;
  /** The same way, with more marks on every statement of the warehouse. */
  labelled(labels: Labels): Ferry;
}

/** Table of the desk -> relation of the warehouse with the same rows. */
export interface Standing {
  of(table: string): string | null;
  put(table: string, relation: string): void;
  forget(table: string): void;
}

/** Both in one connection: nothing is carried, the places read each other's tables. */
export function together(warehouse: Warehouse, target: string): Ferry {
  const scratch = (name: string): string => `${target}.${warehouse.dialect.quote(name)}`;
  const ferry: Ferry = {
    warehouse,
    desk: warehouse,
    apart: false,
    target,
    standing: { of: () => null, put: () => undefined, forget: () => undefined },
    scratch,
    make: (name, query, estimate = null) => made(warehouse, scratch(name), query, estimate),
    async bring(table, query) {
      await warehouse.execute(`CREATE OR REPLACE TABLE ${table} AS ${query}`);
    },
    lend: (queries, use) => use(queries.map((query) => `(${query})`)),
    // Nobody reads marks in a file of one's own.
    labelled: () => ferry,
  };
  return ferry;
}

async function made(warehouse: Warehouse, relation: string, query: string, estimate: Estimate | null): Promise<string> {
  await warehouse.execute(warehouse.dialect.scratchTable(relation, { query }), [], { estimate });
  return relation;
}

export interface Apart extends Pick<Ferry, "target" | "scratch"> {
  readonly standing?: Standing;
}

/** Two connections: rows are read at one and appended at the other, with flat memory. */
export function apart(
  warehouse: Warehouse,
  desk: Warehouse,
  { target, scratch, standing = standingHere() }: Apart,
): Ferry {
  return between(warehouse, desk, { target, scratch, standing, lent: 0 });
}

/** `lent`: how many relations were lent so far, whatever their marks. */
function between(warehouse: Warehouse, desk: Warehouse, shared: Required<Apart> & { lent: number }): Ferry {
  const { target, scratch, standing } = shared;
  const { dialect } = warehouse;
  return {
    warehouse,
    desk,
    apart: true,
    target,
    standing,
    scratch,
    make: (name, query, estimate = null) => made(warehouse, scratch(name), query, estimate),
    async bring(table, query) {
      standing.forget(table);
      const columns = await warehouse.describe(query);
      const list = columns.map((column) => `${desk.dialect.quote(column.name)} ${typeAt(desk, column, warehouse)}`);
      await desk.execute(`CREATE OR REPLACE TABLE ${table} (${list.join(", ")})`);
      await desk.append(table, rowsOf(warehouse, query));
    },
    async lend(queries, use) {
      const parts = await Promise.all(queries.map((query) => partOf(desk, query)));
      const typed = (column: Column): string => typeAt(warehouse, column, desk);
      if (parts.every(({ rows }) => rows === 0))
        return use(parts.map(({ columns }) => noRows(dialect, columns, typed)));
      const relation = scratch(`lent__${(shared.lent += 1)}`);
      const columns = `part ${dialect.columnType("integer")}, cells ${dialect.columnType("text")}`;
      await warehouse.execute(dialect.scratchTable(relation, { columns }));
      await warehouse.append(relation, cellsOf(desk, parts));
      return use(
        parts.map((part, at) =>
          part.rows === 0
            ? noRows(dialect, part.columns, typed)
            : partRows(dialect, part.columns, typed, `${relation} WHERE part = ${at}`),
        ),
      );
    },
    labelled: (labels) => between(warehouse.labelled(labels), desk, shared),
  };
}

/** Where nobody else asks what stands. */
function standingHere(): Standing {
  const all = new Map<string, string>();
  return {
    of: (table) => all.get(table) ?? null,
    put: (table, relation) => void all.set(table, relation),
    forget: (table) => void all.delete(table),
  };
}

/** Rows to be lent: all of them travel in one table, each as a JSON list of the texts of its cells. */
interface Part {
  readonly query: string;
  readonly columns: readonly Column[];
  readonly rows: number;
}

async function partOf(desk: Warehouse, query: string): Promise<Part> {
  const [row] = await desk.rows(`SELECT count(*) AS total FROM (${query})`);
  return { query, columns: await desk.describe(query), rows: Number(row?.["total"] ?? 0) };
}

async function* cellsOf(desk: Warehouse, parts: readonly Part[]): AsyncGenerator<(readonly unknown[])[]> {
  const { quote, textsJson, columnType } = desk.dialect;
  for (const [at, { query, columns, rows }] of parts.entries()) {
    if (rows === 0) continue;
    const texts = columns.map(({ name }) => `CAST(${quote(name)} AS ${columnType("text")})`);
    yield* rowsOf(desk, `SELECT ${at} AS part, ${textsJson(texts)} AS cells FROM (${query})`);
  }
}

function partRows(
  { quote, textAt }: Dialect,
  columns: readonly Column[],
  typed: (column: Column) => string,
  from: string,
): string {
  const cells = columns.map(
    (column, at) => `CAST(${textAt("cells", at)} AS ${typed(column)}) AS ${quote(column.name)}`,
  );
  return `(SELECT ${cells.join(", ")} FROM ${from})`;
}

function noRows({ quote }: Dialect, columns: readonly Column[], typed: (column: Column) => string): string {
  const cells = columns.map((column) => `CAST(NULL AS ${typed(column)}) AS ${quote(column.name)}`);
  return `(SELECT ${cells.join(", ")} FROM (SELECT 1) z WHERE 1 = 0)`;
}

async function* rowsOf(from: Warehouse, query: string): AsyncGenerator<(readonly unknown[])[]> {
  for await (const { rows, columns } of from.read(query))
    yield Array.from({ length: rows }, (_, at) => columns.map((column) => column[at]));
}

/** The type of the same values in another place. */
function typeAt(to: Warehouse, column: Column, from: Warehouse): string {
  return to.type === from.type ? column.type : to.dialect.columnType(column.family);
}
