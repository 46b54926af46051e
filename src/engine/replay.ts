/**
 * Keyed requests whose fate is unknown are sent again first, under their old keys and with their old bodies (R33); what
 * cannot be repeated exactly waits for a person.
 */
import type { Op, Outcome, RunEvent, SentIdentifier } from "../core.ts";
import type { Batch, Change, Context } from "../destination/index.ts";
import {
  answered,
  hasIdentifier,
  hold,
  mayReplay,
  unansweredOf,
  type LedgerRow,
  type RowState,
  type Unanswered,
  type Verdict,
} from "../ledger/rules.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import type { Clock } from "../ports.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { digestOf, type BatchItem } from "./batch.ts";
import type { Line } from "./converse.ts";
import type { KeptRequest } from "./settle.ts";
import type { Shape } from "./shape.ts";
import { Staging } from "./staging.ts";

export interface ReplayOptions {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly target: string;
  readonly id: string;
  readonly shape: Shape;
  readonly context: Context<any>;
  readonly line: Line;
  readonly clock: Clock;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

interface Doubtful {
  readonly row: LedgerRow;
  readonly unanswered: Unanswered;
  readonly kept: KeptRequest | null;
}

/** Sends what is unanswered again; returns how many rows are certain now, still open, and held. */
export async function replay(options: ReplayOptions): Promise<{ certain: number; open: number; held: number }> {
  const rows = await doubtfulRows(options);
  const counts = { certain: 0, open: 0, held: 0 };
  if (rows.length === 0) return counts;
  const staging = new Staging(
    options.ledger,
    { ...options, tag: 0 },
    { sync: options.context.sync, plan: "replay", runId: options.runId, now: options.clock.now() },
  );
  await staging.open();
  for (const group of groups(rows)) {
    const verdicts = await sendAgain(options, group);
    for (const { row, unanswered } of group) {
      const next =
        verdicts === null
          ? hold(row)
          : answered(
              row,
              unanswered.parts.map(() => verdicts.get(row.k) ?? "unknown"),
              options.shape.policy,
              doubtsBeside(rows, row, options),
            );
      if (verdicts === null) counts.held += 1;
      else if (next === row) counts.open += 1;
      else counts.certain += 1;
      if (next !== row) staging.replace(row.k, next);
    }
  }
  await staging.apply();
  await staging.close();
  options.onEvent({
    event: "sync.replayed",
    level: counts.held > 0 ? "warn" : "info",
    fields: { sync: options.context.sync, ...counts },
  });
  return counts;
}

/** Newest doubt of other rows on an identifier that is still young now (R8). */
function doubtsBeside(
  rows: readonly Doubtful[],
  own: LedgerRow,
  { clock, shape }: ReplayOptions,
): (id: SentIdentifier) => number | null {
  const since = clock.now() - shape.policy.lateMs;
  const others = rows.map(({ row }) => row).filter((row) => row.k !== own.k && (row.doubtAt ?? 0) > since);
  return (id) =>
    others
      .filter((row) => hasIdentifier(row.ids, id))
      .reduce<number | null>((newest, row) => Math.max(newest ?? 0, row.doubtAt ?? 0), null);
}

async function doubtfulRows({ warehouse, ledger, id }: ReplayOptions): Promise<readonly Doubtful[]> {
  const rows =
    await warehouse.rows(`SELECT k, CAST(to_json(ids) AS VARCHAR) AS ids, m, doubt_at, remote_id, idem, fields, run_id, sent_at
FROM ${sentTable(ledger, id)} WHERE state = 'doubt' AND idem IS NOT NULL`);
  return rows.map((cells) => {
    const row: LedgerRow = {
      k: cells["k"],
      h: null,
      hFast: null,
      m: cells["m"] === null ? null : Number(cells["m"]),
      ids: JSON.parse(cells["ids"] ?? "[]"),
      state: "doubt" satisfies RowState,
      doubtAt: cells["doubt_at"] === null ? null : Number(cells["doubt_at"]),
      remoteId: cells["remote_id"],
      idem: cells["idem"],
      fields: cells["fields"],
      runId: cells["run_id"],
      sentAt: Number(cells["sent_at"]),
    };
    return {
      row,
      unanswered: unansweredOf(row) as Unanswered,
      kept: row.fields === null ? null : (JSON.parse(row.fields) as KeptRequest),
    };
  });
}

/** Rows of one batch, in its order. Rows with several unanswered requests stand alone: they cannot be repeated as they were. */
function groups(rows: readonly Doubtful[]): readonly (readonly Doubtful[])[] {
  const byKey = new Map<string, Doubtful[]>();
  for (const row of rows) {
    const keys = new Set(row.unanswered.parts.map((part) => part.key));
    const key = keys.size === 1 ? (row.unanswered.parts[0]?.key ?? "") : `${row.row.k}\u0000`;
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const seq = ({ unanswered }: Doubtful): number => unanswered.parts[0]?.seq ?? 0;
  return [...byKey.values()].map((group) => group.toSorted((a, b) => seq(a) - seq(b)));
}

/** Verdicts by key, or null where the batch must be held. */
async function sendAgain(
  options: ReplayOptions,
  group: readonly Doubtful[],
): Promise<ReadonlyMap<string, Verdict> | null> {
  const [first] = group;
  const part = first?.unanswered.parts[0];
  const kept = first?.kept ?? null;
  if (first === undefined || part === undefined || part.key === "" || kept === null) return null;
  const items = group.map((row) => itemOf(row));
  const sameDigest = items.every((item) => item !== null) && digestOf(items as BatchItem[]) === part.digest;
  const { object } = options.shape;
  const today = { sameDigest, forbidden: false };
  const windowMs = object.windowMs ?? 0;
  if (!group.every(({ unanswered }) => mayReplay(unanswered, options.clock.now(), windowMs, today))) return null;
  const changes = (items as BatchItem[]).map((item) => item.change);
  const lines = kept.line ? { lines: (items as BatchItem[]).map((item) => item.line ?? "") } : {};
  const batch: Batch = { id: part.key, op: kept.op, index: 0, changes, ...lines };
  await stampDoubt(options, group);
  const conversation = await options.line.converse(object.deliver(batch, options.context), {
    once: false,
    signal: options.signal,
    idempotencyKey: part.key,
  });
  if (conversation.status !== "answered") return new Map();
  return new Map(group.map(({ row }, index) => [row.k, verdictOf(conversation.value[index])]));
}

/** A replay can be late like any request: the rows' doubt begins anew before it leaves (R8). */
async function stampDoubt({ warehouse, ledger, id, clock }: ReplayOptions, group: readonly Doubtful[]): Promise<void> {
  const { literal } = warehouse.dialect;
  const keys = group.map(({ row }) => literal(row.k)).join(", ");
  await warehouse.execute(`UPDATE ${sentTable(ledger, id)} SET doubt_at = ${clock.now()} WHERE k IN (${keys})`);
}

const verdictOf = (outcome: Outcome | undefined): Verdict =>
  outcome?.status === "accepted" || outcome?.status === "rejected" ? outcome.status : "unknown";

function itemOf({ kept, row, unanswered }: Doubtful): BatchItem | null {
  if (kept === null) return null;
  const body = JSON.parse(kept.text) as Partial<Change> & { readonly remoteId?: string };
  const before = body.remoteId === undefined ? {} : { before: { ids: row.ids, remoteId: body.remoteId } };
  const change: Change = {
    op: kept.op satisfies Op,
    key: body.key ?? null,
    identifiers: body.identifiers ?? {},
    fields: body.fields ?? {},
    idempotencyKey: unanswered.parts[0]?.key ?? "",
    ...before,
  };
  const line = kept.line ? { line: kept.text } : {};
  return { seq: unanswered.parts[0]?.seq ?? 0, change, ...line };
}
