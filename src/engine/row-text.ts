/** One plan row as a JSON list: written by SQL, so that a block of rows is parsed at once, and taken apart here. */
import type { Json, SentIdentifier } from "../core.ts";
import type { LedgerRow, Netted, Rejection, RowState, Wanted } from "../ledger/rules.ts";
import type { PlanOp } from "./diff.ts";
import { idsOf, ownKey, type Identity } from "./prepare.ts";
import { seqOf, type PlanRow, type PlanSource } from "./rows.ts";
import { offersMembers, type Shape } from "./shape.ts";

/** The cells of the list, in its order. */
export type RowCells = readonly [
  n: number,
  k: string,
  key: Json,
  /** Null on removes, where nothing is wanted. */
  h: string,
  hFast: string | null,
  fields: Readonly<Record<string, Json>> | null,
  net: readonly Netted[] | null,
  rejections: readonly RejectionJson[] | null,
  before: BeforeCells | null,
  values: readonly (string | null)[],
  raw: readonly (string | null)[],
];

type BeforeCells = readonly [
  state: RowState,
  h: string | null,
  hFast: string | null,
  tag: number | null,
  m: number | null,
  ids: readonly SentIdentifier[] | null,
  doubtAt: number | null,
  remoteId: string | null,
  idem: string | null,
  fields: string | null,
  runId: string,
  sentAt: number,
];

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

/** SQL of the list: `p` plan, `q` prepared (unless our own key is the identity), `w` netted, `r` refused. */
export function rowText(shape: Shape, identities: readonly Identity[]): string {
  const values = shape.object.identify === "key" ? [] : identities.map((_, index) => textJson(`q.v_${index}`));
  const raw = shape.identifiers.map((_, index) => textJson(`p.raw_${index}`));
  const before = listJson([
    textJson("p.b_state"),
    printJson("p.b_h"),
    printJson("p.b_h_fast"),
    plainJson("p.b_h_tag"),
    plainJson("p.b_m"),
    plainJson("p.b_ids"),
    plainJson("p.b_doubt_at"),
    textJson("p.b_remote_id"),
    textJson("p.b_idem"),
    textJson("p.b_fields"),
    textJson("p.b_run_id"),
    plainJson("p.b_sent_at"),
  ]);
  return listJson([
    "p.n",
    textJson("p.k"),
    plainJson(`p."key"`),
    printJson("p.h"),
    printJson("p.h_fast"),
    plainJson("p.fields"),
    plainJson("w.fates"),
    plainJson("r.rejections"),
    `CASE WHEN p.b_state IS NULL THEN 'null' ELSE ${before} END`,
    listJson(values),
    listJson(raw),
  ]);
}

const listJson = (cells: readonly string[]): string =>
  cells.length === 0 ? "'[]'" : `concat('[', ${cells.join(", ',', ")}, ']')`;
const textJson = (cell: string): string => `coalesce(CAST(to_json(${cell}) AS VARCHAR), 'null')`;
/** Numbers, and what is JSON already. */
const plainJson = (cell: string): string => `coalesce(CAST(${cell} AS VARCHAR), 'null')`;
/** Prints are larger than a JSON number may be. */
const printJson = (cell: string): string => `coalesce('"' || CAST(${cell} AS VARCHAR) || '"', 'null')`;

/** The row a list says. */
export function rowOf(source: PlanSource, identities: readonly Identity[], op: PlanOp, cells: RowCells): PlanRow {
  const [n, k, key, , , fields, net, rejections, before, , raw] = cells;
  return {
    seq: seqOf(op, n),
    op,
    k,
    key,
    row: before === null ? null : ledgerRow(source, k, before),
    wanted: op === "remove" ? null : wantedOf(source, identities, cells),
    fields,
    raw,
    net,
    rejections: rejections === null ? none : rejections.map((one) => rejectionOf(k, one)),
  };
}

const none: readonly Rejection[] = [];

function wantedOf(
  { shape, m }: PlanSource,
  identities: readonly Identity[],
  [, k, , h, hFast, , , , , values]: RowCells,
): Wanted {
  const own = shape.object.identify === "key";
  const ids = own ? [{ kind: ownKey, value: k, version: 1 }] : idsOf(identities, values);
  return { h, hFast, m, ids };
}

function rejectionOf(k: string, { first_at, last_at, next_after, ...rest }: RejectionJson): Rejection {
  return { k, ...rest, firstAt: first_at, lastAt: last_at, nextAfter: next_after };
}

function ledgerRow({ tag, full, shape }: PlanSource, k: string, cells: BeforeCells): LedgerRow {
  const [state, h, hFast, ofTag, m, ids, doubtAt, remoteId, idem, fields, runId, sentAt] = cells;
  // Who is missing in what replaces the target is gone, whatever the ledger knew of the row.
  const known = !full || (state !== "ok" && !offersMembers(shape));
  return {
    k,
    h: known ? h : null,
    hFast: known && ofTag === tag ? hFast : null,
    m,
    ids: ids ?? [],
    state,
    doubtAt,
    remoteId,
    idem,
    fields,
    runId,
    sentAt,
  };
}
