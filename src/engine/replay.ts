/**
 * Keyed requests whose fate is unknown are sent again first, under their old keys and with their old bodies (R33); what
 * cannot be repeated exactly waits for a person.
 */
import type { Op, Outcome, RunEvent, SentIdentifier } from "../core.ts";
import type { Batch, Change, Context } from "../destination/index.ts";
import {
  answered,
  hold,
  mayReplay,
  unansweredOf,
  type LedgerRow,
  type Unanswered,
  type Verdict,
} from "../ledger/rules.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Clock } from "../ports.ts";
import { integer } from "../warehouse/row.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { BatchWords } from "./batch-words.ts";
import { bytesOf, digestOf, type BatchItem } from "./batch.ts";
import type { Line } from "./converse.ts";
import type { KeptRequest } from "./kept-request.ts";
import type { Shape } from "./shape.ts";
import { Staging } from "./staging.ts";
import { unsettledRows } from "./unsettled.ts";

export interface ReplayOptions {
  readonly ferry: Ferry;
  readonly ledger: Ledger;
  readonly id: string;
  readonly shape: Shape;
  readonly context: Context<any>;
  readonly line: Line;
  readonly clock: Clock;
  readonly runId: string;
  readonly fence: number;
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
  const { clock, fence, runId } = options;
  const about = { sync: options.context.sync, plan: "replay", runId, holds: { fence, openPlan: null } };
  const staging = new Staging(
    options.ferry,
    options.ledger,
    { id: options.id, tag: 0 },
    { ...about, now: clock.now() },
  );
  await staging.open();
  for (const group of groups(rows)) {
    const batch = batchOf(options, group);
    if (batch === null) {
      for (const { row } of group) staging.replace(row.k, hold(row));
      counts.held += group.length;
      continue;
    }
    // The doubt dates from this sending on, before it leaves: a crash after it must not make it look old (R8).
    const doubtAt = clock.now();
    for (const { row } of group) staging.replace(row.k, { ...row, doubtAt });
    await staging.apply();
    const outcomes = await sendAgain(options, batch, group[0]?.row.runId ?? runId);
    for (const { row, unanswered } of group) {
      const outcome = outcomes?.[placesOf(group).indexOf(unanswered.parts[0]?.seq ?? 0)];
      const verdict = verdictOf(outcome);
      const remoteId = (outcome?.status === "accepted" ? outcome.remoteId : undefined) ?? row.remoteId;
      const doubtOf = await doubtsBeside(options, row.k, unanswered, doubtAt);
      const asked = { ...row, doubtAt, remoteId };
      const next = answered(
        asked,
        unanswered.parts.map(() => verdict),
        options.shape.policy,
        doubtOf,
      );
      if (next === asked) counts.open += 1;
      else counts.certain += 1;
      staging.replace(row.k, next);
    }
    await staging.apply();
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

/** Newest doubt of other rows, whatever their state, on an identifier of the row that is still young (R8). */
async function doubtsBeside(
  { ferry: { warehouse }, ledger, id, shape }: ReplayOptions,
  k: string,
  { parts }: Unanswered,
  now: number,
): Promise<(id: SentIdentifier) => number | null> {
  const { literal, quote } = ledger.dialect;
  const value = quote("value");
  const asked = parts
    .map(({ id: one }) => `(kind = ${literal(one.kind)} AND ${value} = ${literal(one.value)})`)
    .join(" OR ");
  const young = `doubt_at > ${now - shape.policy.lateMs} AND k <> ${literal(k)}`;
  const each = wordsOf(ledger.dialect).eachId(sentTable(ledger, id), ["doubt_at"], young);
  const rows = await warehouse.rows(
    `SELECT kind, ${value}, max(doubt_at) AS doubt_at FROM ${each} u WHERE ${asked} GROUP BY kind, ${value}`,
  );
  return (one) => {
    const found = rows.find((row) => row["kind"] === one.kind && row["value"] === one.value);
    return found === undefined ? null : integer(found, "doubt_at");
  };
}

async function doubtfulRows({ ferry: { warehouse }, ledger, id }: ReplayOptions): Promise<readonly Doubtful[]> {
  const rows = await unsettledRows(warehouse, ledger, id, "state = 'doubt' AND idem IS NOT NULL");
  return rows.map((row) => ({
    row,
    unanswered: unansweredOf(row) as Unanswered,
    kept: row.fields === null ? null : (JSON.parse(row.fields) as KeptRequest),
  }));
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

/** Places of a batch's rows: keys that shared one request stand in it once. */
const placesOf = (group: readonly Doubtful[]): readonly number[] => [
  ...new Set(group.map(({ unanswered }) => unanswered.parts[0]?.seq ?? 0)),
];

/** The batch as it was, or null where it must be held: body or window lost, or a row of it is missing. */
function batchOf({ shape: { object }, clock }: ReplayOptions, group: readonly Doubtful[]): Batch | null {
  const rows = placesOf(group).map((seq) => group.find(({ unanswered }) => unanswered.parts[0]?.seq === seq));
  const kept = rows.map((row) => row?.kept ?? null);
  const [first] = kept;
  const part = rows[0]?.unanswered.parts[0];
  if (part === undefined || part.key === "" || first === null || first === undefined || kept.includes(null))
    return null;
  const items = rows.map((row) => itemOf(row as Doubtful, row?.kept as KeptRequest));
  const today = { sameDigest: digestOf(bytesOf({ items })) === part.digest, forbidden: false };
  const now = clock.now();
  if (!group.every(({ unanswered }) => mayReplay(unanswered, now, object.windowMs ?? 0, today))) return null;
  return {
    id: part.key,
    op: first.op,
    index: 0,
    changes: items.map(({ change }) => change),
    ...(first.line ? { lines: items.map(({ line }) => line ?? "") } : {}),
    ...(first.kind === undefined ? {} : { kind: first.kind }),
  };
}

/** What the platform says now, or null where it gave no answer again. The body names the run that sent it first. */
async function sendAgain(options: ReplayOptions, batch: Batch, runId: string): Promise<readonly Outcome[] | null> {
  const { shape, context, line, signal } = options;
  const exchange = shape.object.deliver(batch, { ...context, runId });
  const said = new BatchWords(batch.changes.map((change, at) => ({ change, ...lineAt(batch, at) })));
  const words = (text: string): string => said.without(text);
  const conversation = await line.converse(exchange, { once: false, signal, idempotencyKey: batch.id, words });
  return conversation.status === "answered" ? conversation.value : null;
}

const lineAt = ({ lines }: Batch, at: number) => (lines === undefined ? {} : { line: lines[at] ?? "" });

const verdictOf = (outcome: Outcome | undefined): Verdict =>
  outcome?.status === "accepted" || outcome?.status === "rejected" ? outcome.status : "unknown";

/** One row of the batch again; the digest covers the text as it was kept. */
function itemOf({ row, unanswered }: Doubtful, kept: KeptRequest): BatchItem {
  const body = JSON.parse(kept.text) as Partial<Change> & { readonly remoteId?: string };
  const before = body.remoteId === undefined ? {} : { before: { ids: row.ids, remoteId: body.remoteId } };
  const change: Change = {
    op: kept.op satisfies Op,
    key: body.key ?? null,
    identifiers: body.identifiers ?? {},
    fields: body.fields ?? {},
    idempotencyKey: kept.idempotencyKey,
    ...before,
  };
  return { seq: unanswered.parts[0]?.seq ?? 0, change, line: kept.text };
}
