/**
 * Writes what came of a plan into the ledger: each row by the rules (ledger/rules.ts), in windows, each window one
 * transaction. A window that is settled twice ends the same, because rows are computed from the frozen plan.
 */
import type { Op, OpCounts, Outcome, SentIdentifier } from "../core.ts";
import { lineOf } from "../destination/index.ts";
import {
  identifierKey,
  resolveCover,
  settleKey,
  type PartOutcome,
  type Settled,
  type SettleInput,
} from "../ledger/rules.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { coveredIdentifiers } from "./cover.ts";
import { renderer, type RenderContext } from "./render.ts";
import { requestsOf, type RowRequests } from "./requests.ts";
import { planCounts, readPlan, seqOf, type PlanRow, type PlanSource } from "./rows.ts";
import { Staging } from "./staging.ts";
import { textOfChange } from "./batch.ts";
import type { PlanOp } from "./diff.ts";
import { isPlain, lineQuery } from "./plain.ts";
import { verdictsBetween, type PartVerdict } from "./verdicts.ts";

export interface SettleOptions {
  readonly source: PlanSource;
  readonly ledger: Ledger;
  readonly plan: string;
  readonly runId: string;
  readonly now: number;
  /** When rows of this plan were sent: hold-backs are judged as they were then. */
  readonly deliveredAt: number;
  readonly retry: boolean;
  /** Stamped on new doubt: now, or on recovery the plan's last horizon write (R8). */
  readonly doubtAt: number;
  /** Null: the journal is sound, what has no intent never left. */
  readonly horizon: number | null;
  readonly render: RenderContext;
}

export type OutcomeCounts = Record<"accepted" | "rejected" | "deferred" | "skipped" | "unsent" | "unknown", number>;

export interface SettleCounts {
  readonly outcomes: OutcomeCounts;
  readonly accepted: OpCounts;
}

/** Rows per transaction. */
const windowRows = 1_000_000;

/** Settles a whole plan; the caller closes it (serial, open plan) afterwards. Returns changes by outcome and op. */
export async function settle(options: SettleOptions): Promise<SettleCounts> {
  const { source, ledger } = options;
  const doubts = await openDoubts(options);
  const staging = new Staging(ledger, source, { ...options, sync: source.shape.sync.name });
  const counts = {
    outcomes: { accepted: 0, rejected: 0, deferred: 0, skipped: 0, unsent: 0, unknown: 0 },
    accepted: { add: 0, update: 0, remove: 0 },
  };
  const withheld: { settled: Settled; input: SettleInput; row: PlanRow }[] = [];
  const total = Object.values(await planCounts(source)).reduce((sum, rows) => sum + rows, 0);
  if (total === 0) return counts;
  const plain = await isPlain(source);
  let inWindow = 0;
  await staging.open();
  for await (const { op, rows } of readPlan(source)) {
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) continue;
    const verdictOf = await verdictsBetween(
      source.warehouse,
      source.target,
      source.id,
      first.seq,
      last.seq,
      options.horizon,
    );
    const kept = source.shape.policy.delivery === "set" ? () => null : await keptRequests(options, plain, op, rows);
    for (const row of rows) {
      const asked = requestsOf(source.shape, row, options.deliveredAt, options.retry);
      const input = inputOf(options, row, asked, verdictOf, doubts, kept);
      const settled = settleKey(input);
      if (settled.withheld.length > 0) withheld.push({ settled, input, row });
      staging.add(row, settled, asked);
      count(counts, row, settled);
    }
    inWindow += rows.length;
    if (inWindow >= windowRows) {
      await staging.apply();
      inWindow = 0;
    }
  }
  await staging.apply();
  await settleCover(options, staging, withheld);
  await staging.close();
  return counts;
}

/** Second phase: withheld identifiers leave rows whose neighbour holds them now (R4). */
async function settleCover(
  options: SettleOptions,
  staging: Staging,
  withheld: readonly { settled: Settled; input: SettleInput; row: PlanRow }[],
): Promise<void> {
  if (withheld.length === 0) return;
  const ids = withheld.flatMap(({ settled, row }) => settled.withheld.map((id) => ({ k: row.k, id })));
  const covered = await coveredIdentifiers(options.source, options.ledger, ids);
  for (const { settled, input, row } of withheld) {
    const resolved = resolveCover(settled, input, (id) => covered(row.k, id));
    if (resolved !== settled.row) staging.replace(row.k, resolved);
  }
  await staging.apply();
}

function inputOf(
  options: SettleOptions,
  row: PlanRow,
  asked: RowRequests,
  verdictOf: (seq: number, part: number) => PartVerdict,
  doubts: ReadonlyMap<string, number>,
  textOf: (row: PlanRow, asked: RowRequests) => string | null,
): SettleInput {
  const { policy } = options.source.shape;
  const outcomes = asked.fates.map((fate): PartOutcome => {
    if (fate.fate === "withheld") return plain(fate.part, "withheld");
    if (fate.fate !== "request") return plain(fate.part, "deferred", `held back: ${fate.fate}`);
    const known = verdictOf(row.seq, fate.request);
    const { verdict, code, message, remoteId, at } = known;
    const open = verdict === "unknown" && policy.delivery !== "set";
    const request = open && known.batch !== "" ? { key: known.batch, digest: known.digest, seq: row.seq } : null;
    const byRemoteId = asked.ask.kind === "send" && asked.ask.byRemoteId;
    return { part: fate.part, verdict, sentAt: at, code, message, remoteId, request, byRemoteId };
  });
  const keeps = policy.delivery !== "set" && outcomes.some((one) => one.verdict === "unknown");
  return {
    k: row.k,
    row: row.row,
    wanted: row.wanted,
    ask: asked.ask,
    outcomes,
    rejections: row.rejections,
    policy,
    doubtOf: (id) => doubts.get(identifierKey(id)) ?? null,
    doubtAt: options.doubtAt,
    now: options.now,
    runId: options.runId,
    fields: keeps ? textOf(row, asked) : null,
  };
}

function plain(part: PartOutcome["part"], verdict: PartOutcome["verdict"], message = ""): PartOutcome {
  return { part, verdict, sentAt: 0, code: "", message, remoteId: null, request: null, byRemoteId: false };
}

/** What a row in doubt keeps of its request: the op of its batch and the body, for the replay or to be shown (R13, R33). */
export interface KeptRequest {
  readonly op: Op;
  readonly text: string;
  /** Body was built as a line: the digest covers the line itself. */
  readonly line: boolean;
}

async function keptRequests(
  options: SettleOptions,
  plain: boolean,
  op: PlanOp,
  rows: readonly PlanRow[],
): Promise<(row: PlanRow, asked: RowRequests) => string | null> {
  const { source } = options;
  if (plain) {
    const lines = await linesBetween(source, op, rows);
    const out: Op =
      op === "remove" ? "remove" : op === "update" && source.shape.object.ops.includes("update") ? "update" : "add";
    return (row) => JSON.stringify({ op: out, text: lines.get(row.seq) ?? "", line: true } satisfies KeptRequest);
  }
  const toChange = renderer(source.shape, options.render);
  const line = source.shape.object.passThrough === true;
  return (row, asked) => {
    const [request] = asked.requests;
    if (request === undefined) return null;
    const rendered = toChange(row, request.op, request.only, `${options.plan}-${row.seq}-${request.part}`);
    if ("reject" in rendered) return null;
    const text = line ? lineOf(rendered.change) : textOfChange(rendered.change);
    return JSON.stringify({ op: request.op, text, line } satisfies KeptRequest);
  };
}

async function linesBetween(
  source: PlanSource,
  op: PlanOp,
  rows: readonly PlanRow[],
): Promise<ReadonlyMap<number, string>> {
  const lines = new Map<number, string>();
  const places = rows.map(({ seq }) => seq - seqOf(op, 0));
  const query = lineQuery(source, op, Math.min(...places), Math.max(...places) + 1);
  for await (const batch of source.warehouse.read(query)) {
    for (let at = 0; at < batch.rows; at += 1)
      lines.set(seqOf(op, Number(batch.columns[0]?.[at])), String(batch.columns[1]?.[at]));
  }
  return lines;
}

/** Newest doubt per identifier before this settle (R8). */
async function openDoubts({ source, ledger }: SettleOptions): Promise<ReadonlyMap<string, number>> {
  const doubts = new Map<string, number>();
  const query = `SELECT u.kind, u."value", max(doubt_at) FROM (
    SELECT unnest(ids) AS u, doubt_at FROM ${sentTable(ledger, source.id)} WHERE doubt_at IS NOT NULL
  ) GROUP BY ALL`;
  for await (const { rows, columns } of source.warehouse.read(query)) {
    for (let row = 0; row < rows; row += 1) {
      const id: SentIdentifier = { kind: String(columns[0]?.[row]), value: String(columns[1]?.[row]), version: 0 };
      doubts.set(identifierKey(id), Number(columns[2]?.[row]));
    }
  }
  return doubts;
}

function count(
  counts: { outcomes: OutcomeCounts; accepted: { add: number; update: number; remove: number } },
  row: PlanRow,
  settled: Settled,
): void {
  if (settled.outcome === "none") return;
  counts.outcomes[settled.outcome as Outcome["status"]] += 1;
  if (settled.outcome === "accepted") counts.accepted[row.op === "refresh" ? "add" : row.op] += 1;
}
