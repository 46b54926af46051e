/** Keys of the wanted rows: how many, how many without one, and two rows of one key (decision 30). */
import { failure, type MillraceError } from "../errors.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import type { ModelResource } from "../project/project.ts";
import { opCodes, planTable } from "./diff.ts";
import { modelOf, type Shape } from "./shape.ts";
import { keyExpression, neededColumns } from "./wanted.ts";
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

/** The rows of a sync, one a key where the model says which to keep. Throws E522 where more than `null_keys` have no key. */
export async function wantedRows(workspace: Workspace, shape: Shape, given: string): Promise<WantedRows> {
  const { dialect } = workspace.warehouse;
  const model = modelOf(workspace.project, shape.sync);
  const keys = shape.keyColumns.map(({ name }) => dialect.quote(name));
  const keep = model.spec.on_duplicate_key;
  const first =
    keep === undefined
      ? ""
      : `row_number() OVER (PARTITION BY ${keys.join(", ")} ORDER BY ${orderTerms(shape, model, keep?.order_by ?? "", (name) => dialect.quote(name))}) = 1`;
  const relation =
    keep === undefined
      ? given
      : `(SELECT * FROM ${given} QUALIFY ${first} OR ${keys.map((key) => `${key} IS NULL`).join(" OR ")})`;
  const counted = await count(workspace, keys, relation);
  const { rows, nullKeys } = counted;
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
export async function collapse(workspace: Workspace, shape: Shape, wanted: WantedRows): Promise<WantedRows> {
  const { dialect } = workspace.warehouse;
  const columns = neededColumns(shape).map((name) => dialect.quote(name));
  const relation = `(SELECT DISTINCT ${columns.join(", ")} FROM ${wanted.relation})`;
  const { rows, nullKeys } = await count(
    workspace,
    shape.keyColumns.map(({ name }) => dialect.quote(name)),
    relation,
  );
  return { ...wanted, relation, keyed: rows - nullKeys, collapsed: wanted.keyed - (rows - nullKeys) };
}

async function count(
  { warehouse }: Workspace,
  keys: readonly string[],
  relation: string,
): Promise<{ rows: number; nullKeys: number }> {
  const isNull = keys.map((key) => `${key} IS NULL`).join(" OR ");
  const [row] = await warehouse.rows(
    `SELECT count(*) AS total, count(CASE WHEN ${isNull} THEN 1 END) AS without FROM ${relation}`,
  );
  return { rows: Number(row?.["total"] ?? 0), nullKeys: Number(row?.["without"] ?? 0) };
}

/**
 * Are there two rows of one key? New keys met twice show in the plan; others show as more matches than the ledger has
 * keys, so nothing as large as the model has to be sorted or grouped.
 */
export async function hasDuplicates(
  workspace: Workspace,
  ledger: Ledger,
  id: string,
  shape: Shape,
  wanted: WantedRows,
): Promise<boolean> {
  const { warehouse, desk, target } = workspace.ferry;
  const plan = planTable(target, id);
  const sent = sentTable(ledger, id);
  const [planned] = await desk.rows(`SELECT
  (SELECT count(*) - count(DISTINCT k) FROM ${plan} WHERE op <> ${opCodes.remove}) AS twice,
  (SELECT count(*) FROM ${plan} WHERE NOT known) AS fresh,
  (SELECT count(*) FROM ${plan} WHERE op = ${opCodes.remove}) AS leaving`);
  const [known] = await warehouse.rows(`SELECT
  (SELECT count(*) FROM ${sent}) AS held,
  (SELECT count(*) FROM ${sent} WHERE state IN ('left', 'held')) AS quiet`);
  const row = { ...planned, ...known };
  const of = (name: string): number => Number(row[name] ?? 0);
  if (of("twice") > 0) return true;
  const leavers =
    shape.policy.mode === "append" ? await unmatched(workspace, sent, shape, wanted, "TRUE") : of("leaving");
  const quiet =
    of("quiet") === 0 || shape.policy.mode === "append" || shape.policy.mode === "remove"
      ? 0
      : await unmatched(workspace, sent, shape, wanted, "s.state IN ('left', 'held')");
  return wanted.keyed - of("fresh") > of("held") - leavers - quiet;
}

/** Ledger rows of some states that nobody wants. */
async function unmatched(
  { warehouse }: Workspace,
  sent: string,
  shape: Shape,
  wanted: WantedRows,
  where: string,
): Promise<number> {
  const key = keyExpression(warehouse.dialect, shape, (name) => warehouse.dialect.quote(name));
  const [row] = await warehouse.rows(`SELECT count(*) AS total FROM ${sent} s WHERE ${where}
AND NOT EXISTS (SELECT 1 FROM (SELECT ${key} AS k FROM ${wanted.relation}) d WHERE d.k = s.k)`);
  return Number(row?.["total"] ?? 0);
}

/** E521: rows of one key that differ, with the persons' pseudonyms. */
export async function duplicateKeys(workspace: Workspace, shape: Shape, wanted: WantedRows): Promise<MillraceError> {
  const { warehouse } = workspace;
  const model = modelOf(workspace.project, shape.sync);
  const key = keyExpression(warehouse.dialect, shape, (name) => warehouse.dialect.quote(name));
  const rows =
    await warehouse.rows(`SELECT k, count(*) AS copies, count(*) OVER () AS keys FROM (SELECT ${key} AS k FROM ${wanted.relation})
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
