/** Reads a frozen plan in order of `seq`, window by window, as the rules' values: the ledger's row and what is wanted. */
import type { SentIdentifier } from "../core.ts";
import type { LedgerRow, Netted, Rejection, RowState, Wanted } from "../ledger/rules.ts";
import type { ColumnBatch, Warehouse } from "../warehouse/warehouse.ts";
import { opCodes, planTable, preparedTable, refusedTable, nettedTable, lastAsked, type PlanOp } from "./diff.ts";
import { identitiesOf, idsOf, type Identity } from "./prepare.ts";
import type { Shape } from "./shape.ts";

/** One row of a plan. `n` counts the plan's rows from 1; `seq` = op · 2^48 + n. */
export interface PlanRow {
  readonly seq: number;
  readonly op: PlanOp;
  readonly k: string;
  /** JSON text of the key; null on removes. */
  readonly key: string | null;
  readonly row: LedgerRow | null;
  readonly wanted: Wanted | null;
  /** JSON text of `{destination field: value}`; null on removes. */
  readonly fields: string | null;
  /** Raw identifiers by position of the shape's identifiers. */
  readonly raw: readonly (string | null)[];
  /** The fate of each part of what the row asks, where it shares identifiers with others (R12); else null: all are sent. */
  readonly net: readonly Netted[] | null;
  /** What earlier runs were told about this key. */
  readonly rejections: readonly Rejection[];
}

export interface PlanSource {
  readonly warehouse: Warehouse;
  readonly target: string;
  readonly id: string;
  readonly shape: Shape;
  /** The mapping version of this plan's fingerprints, and the tag of its fast ones. */
  readonly m: number;
  readonly tag: number;
  readonly full: boolean;
}

/** Rows a window reads at a time. */
const readRows = 65_536;

const opNames = Object.keys(opCodes) as readonly PlanOp[];
/** Removes first: withdrawals never wait for a backfill. No order is promised or needed (R12). */
const readingOrder: readonly PlanOp[] = ["remove", "update", "add", "refresh"];

export const seqOf = (op: PlanOp, n: number): number => opCodes[op] * 2 ** 48 + n;

/** Largest `n` of the plan's asked rows, 0 when nothing is asked. */
export async function planLength({ warehouse, target, id }: PlanSource): Promise<number> {
  const [row] = await warehouse.rows(
    `SELECT coalesce(max(n), 0) AS n FROM ${planTable(target, id)} WHERE op <= ${lastAsked}`,
  );
  return Number(row?.["n"] ?? 0);
}

/** Rows per op, for the check that reading gave all of them (P8). */
export async function planCounts({ warehouse, target, id }: PlanSource): Promise<Readonly<Record<PlanOp, number>>> {
  const rows = await warehouse.rows(`SELECT op, count(*) AS rows FROM ${planTable(target, id)} GROUP BY op`);
  const counts = { add: 0, update: 0, remove: 0, refresh: 0 };
  for (const row of rows) {
    const name = opNames.find((op) => opCodes[op] === Number(row["op"]));
    if (name !== undefined) counts[name] = Number(row["rows"]);
  }
  return counts;
}

/** Chunks of plan rows, one op at a time in {@link readingOrder}, ascending `seq` within an op; quiet rows are left out. */
export async function* readPlan(
  source: PlanSource,
  windowRows = readRows,
): AsyncGenerator<{ readonly op: PlanOp; readonly rows: readonly PlanRow[] }> {
  const counts = await planCounts(source);
  const length = await planLength(source);
  const identities = identitiesOf(source.shape);
  for (const op of readingOrder) {
    if (counts[op] === 0) continue;
    let seen = 0;
    for (let from = 1; from <= length; from += windowRows) {
      for await (const batch of source.warehouse.read(windowQuery(source, identities, op, from, from + windowRows))) {
        const rows = rowsOf(source, identities, () => op, batch);
        seen += rows.length;
        yield { op, rows };
      }
    }
    if (seen !== counts[op]) {
      throw new Error(`read ${seen} rows of op ${op} from the plan of ${source.id}, it has ${counts[op]}`);
    }
  }
}

/** The rows with these places, for samples. */
export async function pickRows(source: PlanSource, op: PlanOp, places: readonly number[]): Promise<readonly PlanRow[]> {
  if (places.length === 0) return [];
  const identities = identitiesOf(source.shape);
  const [least, most] = [Math.min(...places), Math.max(...places) + 1];
  const query = windowQuery(source, identities, op, least, most, `AND n IN (${places.join(", ")})`);
  const picked: PlanRow[] = [];
  for await (const batch of source.warehouse.read(query)) picked.push(...rowsOf(source, identities, () => op, batch));
  return picked;
}

function windowQuery(
  { target, id, shape }: PlanSource,
  identities: readonly Identity[],
  op: PlanOp,
  from: number,
  to: number,
  only = "",
): string {
  const known = `LEFT JOIN (SELECT * FROM ${preparedTable(target, id)} WHERE n >= ${from} AND n < ${to}) q ON q.n = p.n`;
  return `SELECT ${cellsOf(shape, identities)}
FROM (SELECT * FROM ${planTable(target, id)} WHERE op = ${opCodes[op]} AND n >= ${from} AND n < ${to} ${only}) p
${shape.object.identify === "key" ? "" : known}
LEFT JOIN (SELECT * FROM ${nettedTable(target, id)} WHERE n >= ${from} AND n < ${to}) w ON w.n = p.n
LEFT JOIN (SELECT * FROM ${refusedTable(target, id)} WHERE n >= ${from} AND n < ${to}) r ON r.n = p.n
ORDER BY p.n`;
}

/** What {@link rowsOf} reads, in its order; `p` plan, `q` prepared, `w` netted, `r` refused. */
export function cellsOf(shape: Shape, identities: readonly Identity[]): string {
  const raw = shape.identifiers.map((_, index) => `p.raw_${index}`);
  // Where our own key is the identity, it is what was prepared.
  const values = identities.map((_, index) => (shape.object.identify === "key" ? "p.k" : `q.v_${index}`));
  return [
    "p.n",
    "p.k",
    `p."key"`,
    "CAST(p.h AS VARCHAR)",
    "CAST(p.h_fast AS VARCHAR)",
    "p.fields",
    "p.b_state",
    "CAST(p.b_h AS VARCHAR)",
    "CAST(p.b_h_fast AS VARCHAR)",
    "p.b_h_tag",
    "p.b_m",
    "p.b_ids",
    "p.b_doubt_at",
    "p.b_remote_id",
    "p.b_idem",
    "p.b_fields",
    "p.b_run_id",
    "p.b_sent_at",
    "w.fates",
    "r.rejections",
    ...values,
    ...raw,
  ].join(", ");
}

type Cell = string | number | bigint | null;

/** Rows of a batch that begins with {@link cellsOf}. */
export function rowsOf(
  source: PlanSource,
  identities: readonly Identity[],
  opOf: (at: number) => PlanOp,
  { rows, columns }: ColumnBatch,
): PlanRow[] {
  const cell = (column: number, row: number): Cell => (columns[column]?.[row] ?? null) as Cell;
  const rawAt = 20 + identities.length;
  const out: PlanRow[] = [];
  for (let row = 0; row < rows; row += 1) {
    const at = (column: number): any => cell(column, row);
    const op = opOf(row);
    const values = identities.map((_, index) => at(20 + index) as string | null);
    const wanted: Wanted | null =
      op === "remove" ? null : { h: at(3), hFast: at(4), m: source.m, ids: idsOf(identities, values) };
    out.push({
      seq: seqOf(op, Number(at(0))),
      op,
      k: at(1),
      key: at(2),
      row: at(6) === null ? null : ledgerRow(source, at),
      wanted,
      fields: at(5),
      raw: source.shape.identifiers.map((_, index) => at(rawAt + index) as string | null),
      net: at(18) === null ? null : (JSON.parse(at(18)) as Netted[]),
      rejections: at(19) === null ? [] : rejectionsOf(at(1), at(19)),
    });
  }
  return out;
}

interface RejectionJson {
  readonly op: "add" | "remove";
  readonly kind: string;
  readonly value: string;
  readonly h: string | null;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly dead: boolean;
  readonly first_at: number;
  readonly last_at: number;
  readonly next_after: number;
}

function rejectionsOf(k: string, text: string): readonly Rejection[] {
  return (JSON.parse(text) as readonly RejectionJson[]).map(({ first_at, last_at, next_after, ...rest }) => ({
    k,
    ...rest,
    firstAt: first_at,
    lastAt: last_at,
    nextAfter: next_after,
  }));
}

function ledgerRow({ tag, full }: PlanSource, at: (column: number) => any): LedgerRow {
  const known = !full || at(6) !== "ok";
  return {
    k: at(1),
    h: known ? at(7) : null,
    hFast: known && Number(at(9)) === tag ? at(8) : null,
    m: at(10) === null ? null : Number(at(10)),
    ids: JSON.parse(at(11) ?? "[]") as SentIdentifier[],
    state: at(6) as RowState,
    doubtAt: at(12) === null ? null : Number(at(12)),
    remoteId: at(13),
    idem: at(14),
    fields: at(15),
    runId: at(16),
    sentAt: Number(at(17)),
  };
}
