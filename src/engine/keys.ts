/** Keys of the wanted rows: how many, how many without one, and two rows of one key (decision 30). */
import { failure, type MillraceError } from "../errors.ts";
import type { ModelResource } from "../project/project.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { opCodes, planTable } from "./diff.ts";
import { modelOf, type Shape } from "./shape.ts";
import { keyExpression, neededColumns } from "./wanted.ts";
import type { Figure, Figures } from "./figures.ts";
import type { Workspace } from "./workspace.ts";

export interface WantedRows {
  /** Usable after FROM. */
  readonly relation: string;
  /** Rows with a key. */
  readonly keyed: number;
  /** Rows without one: dropped and counted. */
  readonly nullKeys: number;
  /** Exact copies collapsed into one row. */
  readonly collapsed: number;
}

/** The rows of a sync, one a key where the model says which to keep: usable after FROM. */
export function wantedRelation(workspace: Workspace, shape: Shape, given: string): string {
  const { quote } = workspace.warehouse.dialect;
  const model = modelOf(workspace.project, shape.sync);
  const keys = keysOf(workspace, shape);
  const keep = model.spec.on_duplicate_key;
  if (keep === undefined) return given;
  const order = orderTerms(shape, model, keep.order_by ?? "", quote);
  const first = `row_number() OVER (PARTITION BY ${keys.join(", ")} ORDER BY ${order}) = 1`;
  return `(SELECT * FROM ${given} WHERE TRUE QUALIFY ${first} OR ${keys.map((key) => `${key} IS NULL`).join(" OR ")})`;
}

const keysOf = ({ warehouse }: Workspace, shape: Shape): readonly string[] =>
  shape.keyColumns.map(({ name }) => warehouse.dialect.quote(name));

/** How many rows there are, and how many without a key. */
export function keyFigure(workspace: Workspace, shape: Shape, relation: string): Figure {
  const isNull = keysOf(workspace, shape).map((key) => `${key} IS NULL`);
  return {
    query: `SELECT count(*) AS total, count(CASE WHEN ${isNull.join(" OR ")} THEN 1 END) AS without FROM ${relation} w`,
    names: ["total", "without"],
  };
}

/** What {@link keyFigure} found, as wanted rows. Throws E522 where more than `null_keys` have no key. */
export function withKeys(
  workspace: Workspace,
  shape: Shape,
  relation: string,
  { total: rows = 0, without: nullKeys = 0 }: Figures,
): WantedRows {
  const model = modelOf(workspace.project, shape.sync);
  if (nullKeys > rows * model.spec.null_keys) {
    throw failure(
      "E522",
      `${nullKeys} of ${rows} rows of "${model.name}" have no primary key (${model.spec.primary_key.join(", ")})`,
      {
        at: model.at(["primary_key"]),
        hint: "mend the model, or raise its null_keys:",
      },
    );
  }
  return { relation, keyed: rows - nullKeys, nullKeys, collapsed: 0 };
}

/** `updated_at desc, id` as SQL, NULLs last: columns only, so that the text can do nothing else. Throws E235. */
function orderTerms(shape: Shape, model: ModelResource, text: string, quote: (name: string) => string): string {
  const at = model.at(["on_duplicate_key", "order_by"]);
  const terms = text.split(",").map((term) => {
    const [, name = "", direction = "asc"] = /^\s*"?([^"\s]+)"?(?:\s+(asc|desc))?\s*$/i.exec(term) ?? [];
    if (shape.families.has(name)) return `${quote(name)} ${direction.toUpperCase()} NULLS LAST`;
    throw failure("E235", `on_duplicate_key.order_by: "${term.trim().slice(0, 60)}" is no column of "${model.name}"`, {
      at,
      hint: "write COLUMN, COLUMN desc",
    });
  });
  // Ties end the same on every run: the whole row decides.
  return [...terms, ...[...shape.families.keys()].map(quote)].join(", ");
}

/** The same rows with exact copies (same key, same values sent) collapsed. */
export function collapsed(workspace: Workspace, shape: Shape, relation: string): string {
  const columns = neededColumns(shape).map((name) => workspace.warehouse.dialect.quote(name));
  return `(SELECT DISTINCT ${columns.join(", ")} FROM ${relation} w)`;
}

/** Rows of the ledger: all, those that wait or left, and those that count as people held. */
export function heldFigure(sent: string): Figure {
  const among = (condition: string, name: string): string => `count(CASE WHEN ${condition} THEN 1 END) AS ${name}`;
  return {
    query: `SELECT count(*) AS held, ${among("state IN ('left', 'held')", "quiet")}, ${among("state <> 'left'", "live")} FROM ${sent} s`,
    names: ["held", "quiet", "live"],
  };
}

/** Ledger rows that wait or left and that nobody wants; of events all rows that nobody wants. Null where that is of no interest. */
export function unmatchedFigure({ warehouse }: Workspace, sent: string, shape: Shape, relation: string): Figure | null {
  const { mode } = shape.policy;
  if (mode === "remove") return null;
  const key = keyExpression(warehouse.dialect, shape, (name) => warehouse.dialect.quote(name));
  const where = mode === "append" ? "TRUE" : "s.state IN ('left', 'held')";
  return {
    query: `SELECT count(*) AS unmatched FROM ${sent} s WHERE ${where}
AND NOT EXISTS (SELECT 1 FROM (SELECT ${key} AS k FROM ${relation} w) d WHERE d.k = s.k)`,
    names: ["unmatched"],
  };
}

/**
 * Are there two rows of one key? New keys met twice show in the plan; others show as more matches than the ledger has
 * keys, so nothing as large as the model has to be sorted or grouped. `unmatched` is asked where it matters.
 */
export async function hasDuplicates(
  { desk, target }: Ferry,
  id: string,
  shape: Shape,
  keyed: number,
  { held = 0, quiet = 0 }: Figures,
  unmatched: () => Promise<number>,
): Promise<boolean> {
  const plan = planTable(target, id);
  const [planned] = await desk.rows(`SELECT
  (SELECT count(*) - count(DISTINCT k) FROM ${plan} WHERE op <> ${opCodes.remove}) AS twice,
  (SELECT count(*) FROM ${plan} WHERE NOT known) AS fresh,
  (SELECT count(*) FROM ${plan} WHERE op = ${opCodes.remove}) AS leaving`);
  const of = (name: string): number => Number(planned?.[name] ?? 0);
  if (of("twice") > 0) return true;
  const append = shape.policy.mode === "append";
  const leavers = append ? await unmatched() : of("leaving");
  const silent = quiet === 0 || append || shape.policy.mode === "remove" ? 0 : await unmatched();
  return keyed - of("fresh") > held - leavers - silent;
}

/** E521: rows of one key that differ, with the persons' pseudonyms. */
export async function duplicateKeys(workspace: Workspace, shape: Shape, wanted: WantedRows): Promise<MillraceError> {
  const { warehouse } = workspace;
  const model = modelOf(workspace.project, shape.sync);
  const key = keyExpression(warehouse.dialect, shape, (name) => warehouse.dialect.quote(name));
  const rows =
    await warehouse.rows(`SELECT k, count(*) AS copies, count(*) OVER () AS keys FROM (SELECT ${key} AS k FROM ${wanted.relation} w) c
WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1 ORDER BY k LIMIT 5`);
  const persons = rows.map((row) => `${workspace.person(String(row["k"]))} ×${row["copies"]}`);
  return failure(
    "E521",
    `${rows[0]?.["keys"]} keys of "${model.name}" have rows that differ (${persons.join(", ")}): which one should be sent?`,
    {
      at: model.at(["primary_key"]),
      hint: "make the key unique, or say on_duplicate_key: { keep: first, order_by: … } on the model",
    },
  );
}
