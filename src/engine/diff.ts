/**
 * The difference between what a sync wants and what its ledger says was accepted, as one statement in the warehouse:
 * wanted FULL OUTER JOIN sent on `k` (sync-engine.md). The predicate is a superset of what must be done; the rules of
 * ledger/rules.ts decide each row when it is delivered and settled.
 */
import { sentTable, type Ledger } from "../ledger/tables.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { Estimate } from "../warehouse/warehouse.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Shape } from "./shape.ts";
import { fastPrint, fieldsJson, keyExpression, keyJson, keyJsonOfText, neededColumns, stablePrint } from "./wanted.ts";

/** Codes of `op` in a plan table; `seq` = op · 2^48 + n, so a range of seq holds one op (R35). */
export const opCodes = { add: 1, update: 2, remove: 3, refresh: 4 } as const;
export type PlanOp = keyof typeof opCodes;
/** Rows that nobody sends, there for what they share with rows of the plan (./tangle.ts): still wanted, or gone. */
export const quietCodes = { wanted: 5, gone: 6 } as const;
/** The largest `op` that is asked of a platform. */
export const lastAsked = opCodes.refresh;

export interface DiffInput {
  readonly ledger: Ledger;
  /** Internal id of the sync. */
  readonly id: string;
  readonly shape: Shape;
  /** A query or relation of the wanted rows, usable after FROM. */
  readonly rows: string;
  /** The name of a table in the warehouse that is of this command alone. */
  readonly scratch: Ferry["scratch"];
  /** Tag under which `h_fast` may be compared. */
  readonly tag: number;
  /** Rows sent before this are refreshed; an SQL expression in milliseconds, or null. */
  readonly refreshBefore: string | null;
  /** Every wanted row is sent again. */
  readonly full: boolean;
  /** Prints of the wanted rows under an older mapping version, for `on_mapping_change: from_now`. */
  readonly older: readonly { readonly m: number; readonly print: string; readonly columns: readonly string[] }[];
  /** What {@link deltaQuery} would read, where it was asked. */
  readonly estimate?: Estimate | null;
}

export const planTable = (target: string, id: string): string => `${target}."plan__${id}"`;
export const preparedTable = (target: string, id: string): string => `${target}."prepared__${id}"`;
/** Rows that share identifiers with others (n, g, fates as JSON text): see ./netting.ts. */
export const nettedTable = (target: string, id: string): string => `${target}."netted__${id}"`;
/** Identifiers with a request that may still take effect, as the ledger knew them when the plan was made (R8). */
export const doubtsTable = (target: string, id: string): string => `${target}."doubts__${id}"`;
/** Rejections of the plan's keys (n, rejections as JSON text). */
export const refusedTable = (target: string, id: string): string => `${target}."refused__${id}"`;
export const reprintTable = (target: string, id: string): string => `${target}."reprint__${id}"`;
/** What differs, in the warehouse: op, key, prints and what is sent; without the ledger's row and without a place in the plan. */
export const deltaTable = ({ scratch, id }: DiffInput): string => scratch(`delta__${id}`);

/** Makes {@link deltaTable}. */
export const deltaStatement = (input: DiffInput): string =>
  `CREATE OR REPLACE TABLE ${deltaTable(input)} AS\n${deltaQuery(input)}`;

/** The one statement that reads all that is wanted and all that was sent; `beside`: columns of the ledger's rows `s` as well. */
export function deltaQuery(input: DiffInput, beside: readonly string[] = []): string {
  const { ledger, shape } = input;
  const { dialect } = ledger;
  const { text } = wordsOf(dialect);
  const own = (column: string): string => `d.${dialect.quote(column)}`;
  const stable = stablePrint(dialect, shape, own);
  const raw = shape.identifiers.flatMap(({ column, country }, index) => [
    `${text(own(column))} AS raw_${index}`,
    `${text(country.column === undefined ? "NULL" : own(country.column))} AS country_${index}`,
  ]);
  return `SELECT ${opExpression(input, stable)} AS op, coalesce(d.k, s.k) AS k,
  CASE WHEN d.k IS NULL THEN ${keyJsonOfText(dialect, shape, "s.k")} ELSE ${keyJson(dialect, shape, own)} END AS ${dialect.quote("key")},
  ${stable} AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE ${fieldsJson(dialect, shape, own)} END AS fields,
  ${raw.length === 0 ? "" : `${raw.join(", ")}, `}s.k IS NOT NULL AS known${beside.map((column) => `, ${column}`).join("")}
FROM ${wantedSide(input)} d FULL OUTER JOIN ${ledgerRows(input, beside.length > 0 ? heldColumns : [])} s ON d.k = s.k
WHERE ${predicate(input, stable)}`;
}

/** What a plan keeps of the ledger's row, beside its ids, as `b_…`. */
const heldColumns = [
  "h",
  "h_fast",
  "h_tag",
  "m",
  "state",
  "doubt_at",
  "remote_id",
  "idem",
  "fields",
  "run_id",
  "sent_at",
];

/** Columns of `plan__<id>`. */
export const planColumns = (shape: Shape): readonly string[] => [
  "seq",
  "n",
  "op",
  "k",
  "key",
  "h",
  "h_fast",
  "fields",
  ...shape.identifiers.flatMap((_, index) => [`raw_${index}`, `country_${index}`]),
  "known",
  "b_ids",
  ...heldColumns.map((name) => `b_${name}`),
];

/** The rows of `plan__<id>` in one go, without a table of the delta: for warehouses that join whatever fits nobody's memory. */
export function wholePlanQuery(input: DiffInput): string {
  const words = wordsOf(input.ledger.dialect);
  const held = heldColumns.map((name) => `s.${name} AS b_${name}`);
  const delta = deltaQuery(input, [`${heldIds(input, "s")} AS b_ids`, ...held]);
  return `SELECT ${words.seq("p.op", "p.n")} AS seq, p.* FROM (SELECT ${words.rowNumber} AS n, y.* FROM (${delta}) y) p`;
}

/** The rows of `plan__<id>`: the delta numbered, with the ledger's rows as they are now (`b_…`). */
export function planQuery(input: DiffInput): string {
  const { ledger, id } = input;
  const words = wordsOf(ledger.dialect);
  return `SELECT ${words.seq("p.op", "p.n")} AS seq, p.*, b.h AS b_h, b.h_fast AS b_h_fast, b.h_tag AS b_h_tag, b.m AS b_m,
  ${heldIds(input, "b")} AS b_ids, b.state AS b_state, b.doubt_at AS b_doubt_at, b.remote_id AS b_remote_id,
  b.idem AS b_idem, b.fields AS b_fields, b.run_id AS b_run_id, b.sent_at AS b_sent_at
FROM (SELECT ${words.rowNumber} AS n, * FROM ${deltaTable(input)}) p
LEFT JOIN ${sentTable(ledger, id)} b ON b.k = p.k`;
}

/** The ids a row of the ledger holds, as JSON text. Where our own key is the identity they follow from it, unread. */
function heldIds({ ledger, shape }: DiffInput, of: "b" | "s"): string {
  const { idsText, ownKeyIds } = wordsOf(ledger.dialect);
  if (shape.object.identify !== "key") return idsText(`${of}.ids`);
  return `CASE WHEN ${of}.k IS NULL THEN NULL ELSE ${idsText(ownKeyIds(`${of}.k`))} END`;
}

/** The model's side of the join: key, fast print and the columns that are sent. */
export function wantedSide({ ledger: { dialect }, shape, rows, older }: DiffInput): string {
  const quote = (column: string): string => dialect.quote(column);
  const fast = fastPrint(dialect, shape, quote) ?? `CAST(NULL AS ${wordsOf(dialect).types.print})`;
  const columns = [...new Set([...neededColumns(shape), ...older.flatMap((version) => version.columns)])]
    .map(quote)
    .join(", ");
  return `(SELECT ${keyExpression(dialect, shape, quote)} AS k, ${fast} AS h_fast, ${columns} FROM ${rows})`;
}

/**
 * The ledger's side of the join: the print that may be compared (`print`), and whether that is the fast one (`is_fast`).
 *
 * No `k` is NULL. The condition is there for DuckDB's planner, which takes any filter for selective and keeps the side it
 * thinks smaller in memory: that must be these narrow rows, while the model's wide ones stream past them. With the same
 * condition on the other side the join takes half as long again, and far more memory.
 */
const own = new Set(["h", "m", "state", "sent_at"]);

function ledgerRows({ ledger, id, tag }: DiffInput, whole: readonly string[] = []): string {
  const isFast = ledger.dialect.fastPrint([]) === null ? "FALSE" : `coalesce(h_tag = ${tag}, FALSE)`;
  const more =
    whole.length === 0
      ? ""
      : `, ids${whole
          .filter((name) => !own.has(name))
          .map((name) => `, ${name}`)
          .join("")}`;
  return `(SELECT k, h, ${isFast} AS is_fast, CASE WHEN ${isFast} THEN h_fast ELSE h END AS print, m, state, sent_at${more}
FROM ${sentTable(ledger, id)} WHERE k IS NOT NULL)`;
}

/** The stored fast print where its tag is today's, else the stable one (R18), which is computed for those rows alone. */
function differs({ older }: DiffInput, stable: string): string {
  const now = `s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE ${stable} END`;
  const under = older.map(({ m, print }) => `WHEN s.m = ${m} THEN s.h IS DISTINCT FROM ${print}`);
  return under.length === 0 ? now : `CASE ${under.join(" ")} ELSE ${now} END`;
}

/** True for wanted rows in the ledger whose state asks for a look, whatever the mode (doubt, owed, left). */
const unsettled = "s.state IN ('doubt', 'owed', 'left')";

/** In modes add and remove content is of no interest. */
const onlyAddsOrRemoves = ({ policy: { mode } }: Shape): boolean => mode === "add" || mode === "remove";

/** Are rows that both sides have compared by their prints? Else their state alone says what is done. */
export function comparesPrints({ shape, full }: Pick<DiffInput, "shape" | "full">): boolean {
  if (shape.policy.mode === "append") return false;
  // Also without interest in content, an identifier may be new (R37): rows where none is are left alone by ./tangle.ts.
  return onlyAddsOrRemoves(shape) ? shape.object.identify !== "key" : !full;
}

function changed(input: DiffInput, stable: string): string {
  if (comparesPrints(input)) return `(${unsettled} OR (s.state IN ('ok', 'assumed') AND ${differs(input, stable)}))`;
  if (input.shape.policy.mode === "append") return "s.state = 'doubt'";
  return onlyAddsOrRemoves(input.shape) ? unsettled : "s.state <> 'held'";
}

/** Events that are otherwise than when they were sent: a relation (R37). */
export function changedEvents(input: DiffInput): string {
  const { dialect } = input.ledger;
  const stable = stablePrint(dialect, input.shape, (column) => `d.${dialect.quote(column)}`);
  return `(SELECT d.k FROM ${wantedSide(input)} d JOIN ${ledgerRows(input)} s ON d.k = s.k
WHERE s.state = 'ok' AND ${differs(input, stable)})`;
}

const refreshDue = ({ refreshBefore }: DiffInput): string =>
  refreshBefore === null ? "FALSE" : `(s.state = 'ok' AND s.sent_at < ${refreshBefore})`;

function predicate(input: DiffInput, stable: string): string {
  const { mode } = input.shape.policy;
  // Mode remove forgets whoever is no longer to be removed; elsewhere those that left, or wait for a person, stay as they are.
  const known = mode === "remove" ? "TRUE" : "s.state NOT IN ('left', 'held')";
  const leaver = mode === "append" ? "FALSE" : known;
  // Wanted rows without a key match nothing and are nobody's: they are counted elsewhere (decision 30).
  return `CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN ${leaver}
  ELSE ${changed(input, stable)} OR ${refreshDue(input)} END`;
}

function opExpression(input: DiffInput, stable: string): string {
  return wordsOf(input.ledger.dialect)
    .opOf(`CASE WHEN s.k IS NULL THEN ${opCodes.add} WHEN d.k IS NULL THEN ${opCodes.remove}
  WHEN ${changed(input, stable)} THEN ${opCodes.update} ELSE ${opCodes.refresh} END`);
}

/** Rows whose content is the same under their own mapping: from_now rewrites their prints and sends nothing (R16). */
export function reprintQuery(input: DiffInput): string {
  const { dialect } = input.ledger;
  const stable = stablePrint(dialect, input.shape, (column) => `d.${dialect.quote(column)}`);
  const under = input.older.map(({ m, print }) => `(s.m = ${m} AND s.h = ${print})`).join(" OR ");
  return `SELECT d.k, ${stable} AS h, d.h_fast FROM ${wantedSide(input)} d JOIN ${ledgerRows(input)} s ON d.k = s.k
WHERE s.state = 'ok' AND (${under})`;
}
