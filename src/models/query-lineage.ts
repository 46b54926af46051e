/** Lineage inside one query, by @polyglot-sql/sdk. What it says is used where it can be checked; the rest is not known. */
import { failure } from "../errors.ts";
import { type ColumnLineage, type How, type Input, type QueryLineage, type Reading, sameName } from "./lineage.ts";
import type { Names } from "./plain-pass.ts";
import type { PlainSelect } from "./plain-select.ts";

/** A column that the SDK found an expression to read. */
interface Reference {
  readonly sourceName: string;
  readonly sourceAlias: string | null;
  readonly sourceKind: "table" | "cte" | "derived_table" | "virtual" | "unknown";
  /** Null: it does not know of which table. */
  readonly table: string | null;
  readonly column: string;
}
interface Projection {
  readonly name: string;
  readonly isStar: boolean;
  /** `direct`, `cast`, `aggregation`, `expression` and others. */
  readonly transformKind: string;
  readonly upstream: readonly Reference[];
}
interface Analysis {
  readonly ctes: readonly string[];
  readonly projections: readonly Projection[];
  readonly relations: readonly { readonly kind: string }[];
  readonly baseTables: readonly { readonly name: string }[];
  readonly setOperations: readonly {
    readonly kind: "union" | "except" | "intersect";
    readonly branches: readonly { readonly role: "value" | "filter"; readonly projections: readonly Projection[] }[];
  }[];
  readonly columnUses: readonly { readonly context: string; readonly references: readonly Reference[] }[];
}

/** What is used of @polyglot-sql/sdk 0.12. */
export interface Sdk {
  analyzeQuery(
    sql: string,
    options: object,
  ):
    | { readonly success: true; readonly analysis: Analysis }
    | { readonly success: false; readonly error: string | null };
}

/** The SDK, an optional package of 24 MB; E709 where it is not installed. */
export async function loadSdk(load = (): Promise<unknown> => import("@polyglot-sql/sdk" as string)): Promise<Sdk> {
  try {
    return (await load()) as Sdk;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    throw failure("E709", "the package @polyglot-sql/sdk is not installed", {
      hint: "`npm install @polyglot-sql/sdk` beside millrace",
    });
  }
}

export interface Query {
  /** The text of `plain.tree`. */
  readonly sql: string;
  readonly plain: PlainSelect;
  columnsOf(relation: string): Names | null;
}

/** Reads a query; never throws for its text. */
export function queryLineage(sdk: Sdk, { sql, plain, columnsOf }: Query): QueryLineage {
  const [unclear] = plain.unclear;
  if (unclear !== undefined) return nothing(plain, `"${unclear}" may be a column or the alias beside it`);
  const known = [...plain.relations].flatMap(([name, relation]) => {
    const columns = columnsOf(relation);
    return columns?.complete === true
      ? [{ name, columns: columns.names.map((column) => ({ name: column, type: "unknown" })) }]
      : [];
  });
  const result = sdk.analyzeQuery(sql, { dialect: "duckdb", schema: { tables: known } });
  if (!result.success) return nothing(plain, `the parser does not understand it: ${firstSentence(result.error)}`);
  const { analysis } = result;
  const seen = new Set(analysis.baseTables.map(({ name }) => name));
  const unseen = [...plain.relations].filter(([name]) => !seen.has(name));
  if (unseen.length > 0)
    return nothing(plain, `the parser does not see that it reads ${unseen.map(([, id]) => id).join(", ")}`);
  const named = valuesOf(analysis).filter(({ name, isStar }) => !isStar && !unnamed.test(name));
  if (
    plain.columns?.complete === true &&
    !equalNames(
      plain.columns.names,
      named.map(({ name }) => name),
    )
  )
    return nothing(plain, "the parser sees other columns than there are");
  const reader = { plain, columnsOf };
  const uses = analysis.columnUses.flatMap(({ context, references }) => {
    const how = hows[context];
    return how === undefined ? [] : [{ how, references }];
  });
  const filters = uses.flatMap(({ how, references }) => readings(references, how, reader));
  const lost = uses.some(({ references }) => references.some((one) => resolved(one, reader) === null));
  const columns = uniqueNames(named).map((one) => columnLineage(one, reader, isFlat(analysis)));
  const complete = plain.columns?.complete === true;
  const unknown = columns.flatMap(({ name, inputs }) => (inputs === null ? [`"${name}"`] : []));
  return {
    columns,
    complete,
    filters: distinct(filters),
    reads: [...plain.relations.values()],
    doubts: [
      ...plain.doubts,
      ...(complete || plain.doubts.length > 0 ? [] : [openStar(plain, columnsOf)]),
      ...(unknown.length > 0 ? [`the parser cannot tell what ${unknown.join(", ")} read`] : []),
      ...(lost ? ["the parser cannot tell all that its joins and filters read"] : []),
    ],
  };
}

interface Reader {
  readonly plain: PlainSelect;
  columnsOf(relation: string): Names | null;
}

/** How the SDK calls an expression without a name. */
const unnamed = /^_col_\d+$/;

function nothing(plain: PlainSelect, why: string): QueryLineage {
  const columns = (plain.columns?.names ?? []).map((name): ColumnLineage => ({ name, inputs: null, how: null }));
  return {
    columns,
    complete: plain.columns?.complete === true,
    filters: [],
    reads: [...plain.relations.values()],
    doubts: [...plain.doubts, why],
  };
}

function openStar({ relations }: PlainSelect, columnsOf: Query["columnsOf"]): string {
  const open = [...relations.values()].filter((relation) => columnsOf(relation)?.complete !== true);
  return open.length === 0
    ? "its * or COLUMNS() cannot be written out"
    : `* of ${open.join(", ")}, whose columns are not all known`;
}

/** What stands right of EXCEPT and INTERSECT filters, and gives no value; of nested ones only the outermost is told apart. */
function valuesOf({ projections, setOperations }: Analysis): readonly Projection[] {
  const [operation] = setOperations;
  if (operation === undefined || operation.kind === "union") return projections;
  const branches = operation.branches.filter(({ role }) => role === "value");
  return projections.map((projection, index) => ({
    ...projection,
    upstream: branches.flatMap((branch) => branch.projections[index]?.upstream ?? []),
  }));
}

function columnLineage({ name, upstream, transformKind }: Projection, reader: Reader, flat: boolean): ColumnLineage {
  const inputs = upstream.map((reference) => resolved(reference, reader));
  if (inputs.includes(null)) return { name, inputs: null, how: null };
  return {
    name,
    inputs: distinct(inputs.flatMap((input) => input ?? [])),
    how: flat ? (kinds[transformKind] ?? null) : null,
  };
}

const kinds: Readonly<Record<string, How>> = {
  direct: "copy",
  cast: "expression",
  expression: "expression",
  aggregation: "aggregate",
};

/** The kind of a projection is told of the outermost SELECT only. */
function isFlat({ ctes, relations, setOperations }: Analysis): boolean {
  return ctes.length === 0 && setOperations.length === 0 && relations.every(({ kind }) => kind === "table");
}

/** The column meant: none (an empty list) of a constant, null where it is not sure. */
function resolved(reference: Reference, { plain, columnsOf }: Reader): readonly Input[] | null {
  const { sourceKind, sourceName, sourceAlias, table, column } = reference;
  const alias = (sourceAlias ?? sourceName ?? "").toLowerCase();
  if (sourceKind !== "table" && plain.bare.has(`${alias}.${column}`.toLowerCase())) return [];
  // Inside parentheses and lateral joins the SDK does not look an alias up.
  const byAlias = sourceKind === "unknown" ? plain.aliases.get((table ?? "").toLowerCase()) : undefined;
  if (sourceKind !== "table" && byAlias === undefined) return null;
  const relation = byAlias ?? plain.relations.get(table ?? "");
  if (relation === undefined) return null;
  const columns = columnsOf(relation);
  const found = columns?.names.find((name) => sameName(name, column));
  if (found !== undefined) return [{ relation, column: found }];
  // A whole row (`select c from t c`) and `#1` look like columns, too.
  const odd = column.startsWith("#") || sameName(column, alias);
  return columns?.complete === true || odd ? null : [{ relation, column }];
}

/** What windows read is not here: it is part of their value. */
const hows: Readonly<Record<string, string>> = {
  join: "join",
  filter: "filter",
  having: "filter",
  qualify: "filter",
  set_operation_filter: "filter",
  group: "group",
  order: "order",
};

function readings(references: readonly Reference[], how: string, reader: Reader): readonly Reading[] {
  return references.flatMap((reference) => (resolved(reference, reader) ?? []).map((input) => ({ ...input, how })));
}

/** DuckDB names the second `id` of a SELECT `id_1`, which nobody reads by accident. */
function uniqueNames(projections: readonly Projection[]): readonly Projection[] {
  return projections.filter(
    ({ name }, index) => projections.findIndex((other) => sameName(other.name, name)) === index,
  );
}

const equalNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => sameName(name, b[index] ?? ""));

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

const firstSentence = (text: string | null): string => (text ?? "").split("\n")[0]!.slice(0, 200);
