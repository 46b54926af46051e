/**
 * Writes what came of a plan into the ledger: each row by the rules (ledger/rules.ts), in windows, each window one
 * transaction. A window that is settled twice ends the same, because everything is computed from the frozen plan; so a
 * settle that died is simply done again. Rows that share identifiers are settled with all others of their group.
 */
import type { OpCounts, SentIdentifier } from "../core.ts";
import {
  identifierKey,
  outcomeOf,
  replacedOutcomes,
  settleAll,
  settleKey,
  tooOldCode,
  type PartOutcome,
  type Replacement,
  type Settled,
  type SettleInput,
} from "../ledger/rules.ts";
import type { Ledger } from "../ledger/tables.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { doubtsTable, nettedTable, planTable } from "./diff.ts";
import type { Ending } from "./ending.ts";
import { keptLines, keptRequests, type KeptText } from "./kept-request.ts";
import { isTooOld, leadersOf, situationOf } from "./netting.ts";
import { isPlain } from "./plain.ts";
import type { RenderContext } from "./render.ts";
import { settleAccepted } from "./settle-accepted.ts";
import { requestsOf, type PartFate, type RowRequests } from "./requests.ts";
import { planCounts } from "./plan-size.ts";
import { readPlan, type PlanRow, type PlanSource } from "./rows.ts";
import { replacesTarget } from "./shape.ts";
import { Staging } from "./staging.ts";
import { readTangled, type TangledRow } from "./tangled-rows.ts";
import { reachedVerdicts, reachVerdicts, verdictsBetween, type VerdictOf } from "./verdicts.ts";

export interface SettleOptions {
  readonly ferry: Ferry;
  readonly source: PlanSource;
  readonly ledger: Ledger;
  readonly plan: string;
  readonly runId: string;
  /** Fence of this process: every write is conditional on it and on the plan being open (R22). */
  readonly fence: number;
  readonly now: number;
  /** When rows of this plan were sent: hold-backs are judged as they were then. */
  readonly deliveredAt: number;
  readonly retry: boolean;
  /** Stamped on new doubt: now, or on recovery the plan's last horizon write (R8). */
  readonly doubtAt: number;
  /** Null: the journal is sound, what has no intent never left. */
  readonly horizon: number | null;
  readonly render: RenderContext;
  /** Of a run that replaces its target as a whole. */
  readonly replacement?: Replacement | null;
  /** Rows per transaction; a million unless told. */
  readonly windowRows?: number;
  /** Every row by the rules themselves, also where SQL could settle all at once: what tests compare the two with. */
  readonly rowByRow?: boolean;
  /** What closes the plan, in the transaction of its last rows; without it the caller closes it afterwards. */
  readonly ending?: Ending;
}

export type OutcomeCounts = Record<"accepted" | "rejected" | "deferred" | "skipped" | "unsent" | "unknown", number>;

export interface SettleCounts {
  readonly outcomes: OutcomeCounts;
  readonly accepted: OpCounts;
}

/** What every row of one settle is settled with. */
interface Settling {
  readonly options: SettleOptions;
  readonly staging: Staging;
  readonly doubtOf: SettleInput["doubtOf"];
  readonly counts: {
    readonly outcomes: OutcomeCounts;
    readonly accepted: { add: number; update: number; remove: number };
  };
}

/** Settles a whole plan, and closes it where it is told how. Returns changes by outcome and op. */
export async function settle(options: SettleOptions): Promise<SettleCounts> {
  const { source, ledger, fence, plan } = options;
  const outcomes = { accepted: 0, rejected: 0, deferred: 0, skipped: 0, unsent: 0, unknown: 0 };
  const counts = { outcomes, accepted: { add: 0, update: 0, remove: 0 } };
  const total = Object.values(await planCounts(source)).reduce((sum, rows) => sum + rows, 0);
  const common = options.rowByRow === true || total === 0 ? null : await settleAccepted(options);
  if (common !== null) return common;
  const holds = { fence, openPlan: plan };
  const staging = new Staging(options.ferry, ledger, source, { ...options, sync: source.shape.sync.name, holds });
  const settling: Settling = { options, staging, doubtOf: await openDoubts(source), counts };
  await staging.open();
  if (total > 0) {
    await settleApart(settling);
    await settleTogether(settling);
  }
  await staging.apply(options.ending);
  await staging.close();
  return counts;
}

const defaultWindowRows = 1_000_000;

/** Rows that share nothing with anybody: each by itself. */
async function settleApart({ options, staging, doubtOf, counts }: Settling): Promise<void> {
  const { source, horizon, windowRows = defaultWindowRows } = options;
  const { warehouse, target, id, shape } = source;
  const plain = shape.policy.delivery !== "set" && (await isPlain(source));
  const rendered = keptRequests(options);
  let inWindow = 0;
  for await (const { op, rows } of readPlan(source, Math.min(windowRows, 65_536))) {
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) continue;
    const verdictOf = await verdictsBetween(warehouse, target, id, first.seq, last.seq, horizon);
    const part = op === "remove" ? 1 : 0;
    const open = plain ? rows.filter(({ seq }) => verdictOf(seq, part).verdict === "unknown") : [];
    const kept = plain ? await keptLines(options, op, open) : rendered;
    for (const row of rows) {
      if (row.net !== null) continue;
      const asked = requestsOf(shape, row, options.deliveredAt, options.retry);
      const settled = settleKey(
        inputOf(options, row, asked, asked.fates.map(ownVerdict(row, asked, verdictOf)), doubtOf, kept),
      );
      staging.add(row, settled, asked);
      count(counts, row, settled.outcome);
    }
    inWindow += rows.length;
    await staging.spill();
    if (inWindow < windowRows) continue;
    await staging.apply();
    inWindow = 0;
  }
}

/** Rows that share identifiers: a group is settled whole, with what its neighbours hold (R4, R10, R12). */
async function settleTogether(settling: Settling): Promise<void> {
  const { options, staging } = settling;
  const { source, horizon, windowRows = defaultWindowRows } = options;
  const { warehouse, target, id } = source;
  const groups = nettedTable(target, id);
  const places = `(SELECT t.g, p.seq FROM ${groups} t JOIN ${planTable(target, id)} p ON p.n = t.n)`;
  await reachVerdicts(warehouse, target, id, places);
  let inWindow = 0;
  for await (const group of readTangled(source, groups, Math.min(windowRows, 4_096))) {
    const [from, to] = [group[0]?.g ?? 0, group.at(-1)?.g ?? 0];
    const verdictOf = await reachedVerdicts(warehouse, target, id, from, to, horizon);
    settleGroup(settling, group, verdictOf);
    inWindow += group.length;
    await staging.spill();
    if (inWindow < windowRows) continue;
    await staging.apply();
    inWindow = 0;
  }
}

function settleGroup(settling: Settling, group: readonly TangledRow[], verdictOf: VerdictOf): void {
  const { options, staging, doubtOf, counts } = settling;
  const { shape } = options.source;
  const kept = keptRequests(options);
  const asking = group
    .filter(({ quiet }) => !quiet)
    .map(({ row }) => ({ row, asked: requestsOf(shape, row, options.deliveredAt, options.retry) }));
  const leaderOf = leadersOf(asking.map((one) => ({ row: one.row, ask: one.asked.ask, value: one })));
  const settled = asking.map(({ row, asked }) => {
    const followed = asked.fates.map((fate) => (fate.fate === "follow" ? leaderOf(fate.part) : null));
    const outcomes = asked.fates.map((fate, at): PartOutcome => {
      const leader = followed[at] ?? null;
      if (leader === null) return ownVerdict(row, asked, verdictOf)(fate);
      const known = ownVerdict(leader.row, leader.asked, verdictOf)(sameFate(leader.asked, fate) ?? fate);
      return { ...known, part: fate.part, byRemoteId: false };
    });
    const leader = followed[outcomes.findIndex(({ verdict }) => verdict === "unknown")] ?? null;
    // Of a part that another key sends, the leader's request is kept: that is the one to be replayed.
    const body: KeptText = (_, __, part) =>
      leader === null ? kept(row, asked, part) : kept(leader.row, leader.asked, part);
    const fates = asked.fates.map((fate, at) => {
      const led = followed[at];
      return led === null || led === undefined ? fate : (sameFate(led.asked, fate) ?? fate);
    });
    return { row, asked, input: inputOf(options, row, { ...asked, fates }, outcomes, doubtOf, body) };
  });
  const situation = situationOf(shape, group);
  const inputs = settled.map(({ input }) => input).filter(({ ask }) => ask.kind !== "nothing");
  const after = settleAll(situation, inputs);
  const seen = new Set<string>();
  for (const { row, asked, input } of settled) {
    seen.add(row.k);
    const rejections = after.rejections.filter((one) => one.k === row.k);
    const outcome = asked.ask.kind === "send" ? outcomeOf(input.outcomes) : "none";
    staging.add(row, { row: after.rows.get(row.k) ?? null, rejections, outcome }, asked);
    count(counts, row, outcome);
  }
  for (const { row } of group) {
    const next = after.rows.get(row.k) ?? null;
    if (!seen.has(row.k) && next !== row.row) staging.replace(row.k, next);
  }
}

/** What became of the same part in another key's row. */
function sameFate(asked: RowRequests, { part }: PartFate): PartFate | undefined {
  return asked.fates.find((one) => one.part.op === part.op && identifierKey(one.part.id) === identifierKey(part.id));
}

/** The outcome of a part by what the journal says of the row's own request. */
function ownVerdict(row: PlanRow, asked: RowRequests, verdictOf: VerdictOf): (fate: PartFate) => PartOutcome {
  const base = { sentAt: 0, code: "", message: "", remoteId: null, request: null, byRemoteId: false };
  return (fate) => {
    const { part } = fate;
    if (fate.fate === "withheld") return { ...base, part, verdict: "withheld" };
    if (fate.fate === "dead" && isTooOld(row)) return { ...base, part, verdict: "skipped", code: tooOldCode };
    if (fate.fate !== "request") return { ...base, part, verdict: "deferred", message: `held back: ${fate.fate}` };
    const { verdict, code, message, remoteId, at, batch, digest } = verdictOf(row.seq, fate.request);
    const request = verdict === "unknown" && batch !== "" ? { key: batch, digest, seq: row.seq } : null;
    const byRemoteId = asked.ask.kind === "send" && asked.ask.byRemoteId && !fate.byMatch;
    return { part, verdict, sentAt: at, code, message, remoteId, request, byRemoteId };
  };
}

function inputOf(
  options: SettleOptions,
  row: PlanRow,
  asked: RowRequests,
  outcomes: readonly PartOutcome[],
  doubtOf: SettleInput["doubtOf"],
  textOf: KeptText,
): SettleInput {
  const { replacement = null } = options;
  const { policy } = options.source.shape;
  const open = outcomes.findIndex((one) => one.verdict === "unknown");
  const fate = policy.delivery === "set" ? undefined : asked.fates[open];
  return {
    k: row.k,
    row: row.row,
    wanted: row.wanted,
    ask: asked.ask,
    outcomes: replacedOutcomes(outcomes, replacement),
    rejections: row.rejections,
    policy,
    doubtOf,
    doubtAt: options.doubtAt,
    now: options.now,
    runId: options.runId,
    fields: fate?.fate === "request" ? textOf(row, asked, fate.request) : null,
    replacement,
  };
}

/**
 * Newest doubt per identifier as it was when the plan was made (R8). A request that replaces the target undoes whatever
 * it does not name: there any doubt is everybody's.
 */
async function openDoubts({ warehouse, target, id, shape }: PlanSource): Promise<SettleInput["doubtOf"]> {
  const doubts = new Map<string, number>();
  const query = `SELECT kind, "value", doubt_at FROM ${doubtsTable(target, id)}`;
  for await (const { rows, columns } of warehouse.read(query)) {
    for (let row = 0; row < rows; row += 1) {
      const one: SentIdentifier = { kind: String(columns[0]?.[row]), value: String(columns[1]?.[row]), version: 0 };
      doubts.set(identifierKey(one), Number(columns[2]?.[row]));
    }
  }
  if (!replacesTarget(shape)) return (one) => doubts.get(identifierKey(one)) ?? null;
  const newest = [...doubts.values()].reduce<number | null>((most, at) => Math.max(most ?? at, at), null);
  return () => newest;
}

function count({ outcomes, accepted }: Settling["counts"], row: PlanRow, outcome: Settled["outcome"]): void {
  if (outcome === "none") return;
  outcomes[outcome] += 1;
  if (outcome === "accepted") accepted[row.op === "refresh" ? "add" : row.op] += 1;
}
