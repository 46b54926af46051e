/** Where a person gets lost in an audience written in SQL: presence in each of its CTEs, in order. */
import { MillraceError } from "../errors.ts";
import { integer, text } from "../warehouse/row.ts";
import type { Column, Warehouse } from "../warehouse/warehouse.ts";
import { keySql } from "./key.ts";
import { wordsOf } from "./words.ts";

/** `present` is null for a step where nobody can be looked up: it lacks the key columns, or cannot run alone. */
export interface TraceStep {
  readonly step: string;
  readonly present: boolean | null;
}

type Syntax = Record<string, any>;

/**
 * Runs each CTE of a query for one key text, last the query itself. A query that only wraps another
 * (`select * from (…)`, as compiled models are) is unwrapped; the wrapper's CTEs stay in reach but are no steps.
 * Where the warehouse takes no query apart, one step that says so stands for all CTEs, its `present` null.
 */
export async function traceKey(
  warehouse: Pick<Warehouse, "rows" | "describe" | "dialect">,
  sql: string,
  key: readonly string[],
  k: string,
): Promise<readonly TraceStep[]> {
  const { dialect } = warehouse;
  const query = sql.trim().replace(/;\s*$/, "");
  if (!wordsOf(dialect).takesApart) {
    const result = { step: "result", present: await isPresent(warehouse, query, key, k) };
    return [{ step: `steps are not supported on ${dialect.name}`, present: null }, result];
  }
  const [row] = await warehouse.rows(`SELECT json_serialize_sql(${dialect.literal(query)}) AS tree`);
  const tree: Syntax = JSON.parse(text(row, "tree"));
  if (tree["error"] === true) return [];
  const { outer, inner } = unwrap(tree["statements"][0].node, []);
  const steps: TraceStep[] = [];
  for (const { key: step } of inner) {
    const node = selectAll(tree["statements"][0], String(step), [...outer, ...inner]);
    steps.push({ step: String(step), present: await isPresent(warehouse, await deserialize(warehouse, node), key, k) });
  }
  return [...steps, { step: "result", present: await isPresent(warehouse, query, key, k) }];
}

interface Unwrapped {
  readonly outer: readonly Syntax[];
  readonly inner: readonly Syntax[];
}

function unwrap(node: Syntax, outer: readonly Syntax[]): Unwrapped {
  const own: readonly Syntax[] = node["cte_map"]?.map ?? [];
  const list: readonly Syntax[] = node["select_list"] ?? [];
  const plainStar =
    list.length === 1 &&
    list[0]?.["class"] === "STAR" &&
    node["where_clause"] === null &&
    (node["modifiers"] ?? []).length === 0;
  const within: Syntax | undefined =
    node["from_table"]?.type === "SUBQUERY" ? node["from_table"].subquery?.node : undefined;
  return plainStar && within !== undefined ? unwrap(within, [...outer, ...own]) : { outer, inner: own };
}

/** `with <ctes> select * from step` as syntax; a CTE of the same name further in wins. */
function selectAll(statement: Syntax, step: string, ctes: readonly Syntax[]): Syntax {
  const byName = new Map(ctes.map((cte) => [String(cte["key"]), cte]));
  const star = {
    class: "STAR",
    type: "STAR",
    alias: "",
    relation_name: "",
    exclude_list: [],
    replace_list: [],
    columns: false,
    expr: null,
  };
  const from = {
    type: "BASE_TABLE",
    alias: "",
    sample: null,
    schema_name: "",
    table_name: step,
    column_name_alias: [],
    catalog_name: "",
  };
  const node = {
    type: "SELECT_NODE",
    modifiers: [],
    cte_map: { map: [...byName.values()] },
    select_list: [star],
    from_table: from,
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: "STANDARD_HANDLING",
    having: null,
    sample: null,
    qualify: null,
  };
  return { error: false, statements: [{ ...statement, node }] };
}

async function deserialize(warehouse: Pick<Warehouse, "rows" | "dialect">, tree: Syntax): Promise<string> {
  const [row] = await warehouse.rows(
    `SELECT json_deserialize_sql(${warehouse.dialect.literal(JSON.stringify(tree))}::JSON) AS sql`,
  );
  return text(row, "sql");
}

async function isPresent(
  warehouse: Pick<Warehouse, "rows" | "describe" | "dialect">,
  sql: string,
  key: readonly string[],
  k: string,
): Promise<boolean | null> {
  try {
    const columns = new Map((await warehouse.describe(sql)).map((column) => [column.name.toLowerCase(), column]));
    const found = key.map((name) => columns.get(name.toLowerCase()));
    if (!found.every((column): column is Column => column !== undefined)) return null;
    const keyText = keySql(warehouse.dialect, "s", found);
    const [row] = await warehouse.rows(
      `SELECT COUNT(*) AS hits FROM (\n${sql}\n) s WHERE ${keyText} = ${warehouse.dialect.literal(k)}`,
    );
    return integer(row, "hits") > 0;
  } catch (error) {
    if (error instanceof MillraceError) return null;
    throw error;
  }
}
