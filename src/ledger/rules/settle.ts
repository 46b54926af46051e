/** What a row becomes when the verdicts of its key are in: the verdict table, per identifier (R1, R2, R4, R8, R11, R13–R15). */
import type { SentIdentifier } from "../../core.ts";
import { effectsOf, type Effects } from "./effects.ts";
import { minus, sameIdentifier, union, within } from "./identifiers.ts";
import { unansweredOf } from "./recover.ts";
import { absentFor, matches, rejectAgain, rejectionHash, stillAsked, tooOldCode, tooOldFor } from "./rejections.ts";
import { scattered } from "./replace.ts";
import type {
  Ask,
  LedgerRow,
  PartOutcome,
  Policy,
  Rejection,
  Replacement,
  Unanswered,
  Verdict,
  Wanted,
} from "./types.ts";

export interface SettleInput {
  readonly k: string;
  readonly row: LedgerRow | null;
  readonly wanted: Wanted | null;
  readonly ask: Ask;
  /** One per part of the ask, in its order; empty when nothing is asked. Followers carry their leader's verdict. */
  readonly outcomes: readonly PartOutcome[];
  /** Rejections of this key so far. */
  readonly rejections: readonly Rejection[];
  readonly policy: Policy;
  /** Newest doubt_at among the rows, before this settle, whose ids hold the identifier; null when there is none (R8). */
  readonly doubtOf: (id: SentIdentifier) => number | null;
  /** Stamped on new doubt: now, or on recovery the plan's last horizon or heartbeat write. */
  readonly doubtAt: number;
  readonly now: number;
  readonly runId: string;
  /** Rendered fields, kept only if the row ends in doubt of keyed delivery or held. */
  readonly fields: string | null;
  /** Of a run that replaces its target; `outcomes` are then those of {@link replacedOutcomes}. */
  readonly replacement?: Replacement | null;
}

export interface Settled {
  /** The row before covered identifiers are taken out (`resolveCover`); null: no row. */
  readonly row: LedgerRow | null;
  /** Removes that were withheld: each leaves the row only if another wanted row holds it after this settle (R4). */
  readonly withheld: readonly SentIdentifier[];
  /** All other parts were accepted, so that the row is right once every withheld identifier is covered. */
  readonly clear: boolean;
  readonly rejections: readonly Rejection[];
  /** The change's outcome: the worst of its parts (R2). */
  readonly outcome: Verdict | "none";
}

const worst = ["unknown", "rejected", "deferred", "skipped", "unsent", "accepted"] as const;

/** The outcome of a change: the worst of its parts (R2); withheld parts do not count. */
export function outcomeOf(outcomes: readonly PartOutcome[]): Verdict | "none" {
  return worst.find((verdict) => outcomes.some((one) => one.verdict === verdict)) ?? "none";
}

/** What one key's row and rejections become (verdict table; R1, R2, R5, R6, R8, R11, R13, R14, R15, R37). */
export function settleKey(given: SettleInput): Settled {
  const gone = given.wanted !== null && given.wanted.ids.length === 0;
  const input = gone ? { ...given, wanted: null } : given;
  const rejections = settleRejections(input);
  const { ask, row, outcomes } = input;
  if (ask.kind === "nothing") return { row, withheld: [], clear: false, rejections, outcome: "none" };
  if (ask.kind === "silent")
    return { row: silently(row, ask.row), withheld: [], clear: false, rejections, outcome: "none" };
  const effects = effectsOf(input);
  const withheld = outcomes.filter((one) => one.verdict === "withheld").map((one) => one.part.id);
  const clear = !effects.uncertain && outcomes.every((one) => one.verdict === "accepted" || one.verdict === "withheld");
  const outcome = outcomeOf(outcomes);
  if (!effects.touched && input.replacement?.fate === "broken") {
    const next = row === null ? null : scattered(row, input.doubtAt);
    return { row: next, withheld: [], clear: false, rejections, outcome };
  }
  if (!effects.touched && withheld.length === 0) return { row, withheld, clear: false, rejections, outcome };
  const next = effects.uncertain ? doubtful(input, effects) : certain(input, effects, clear, withheld.length > 0);
  return { row: next, withheld, clear, rejections, outcome };
}

/** A transition planned without a request; what an earlier window of the settle shook (R10) stays unknown. */
function silently(row: LedgerRow | null, planned: LedgerRow | null): LedgerRow | null {
  if (row === null || planned === null || row.h !== null) return planned;
  const { remoteId } = row;
  return { ...planned, h: null, hFast: null, remoteId, state: planned.state === "ok" ? "owed" : planned.state };
}

/**
 * Takes the withheld identifiers that are covered out of the row (R4): `covered(id)` says that, after this settle,
 * another wanted row holds the identifier in its own ids and wants it. A record's row that is right also gives up identifiers it no
 * longer wants, once their record is another key's. While a request on them may still take effect
 * nothing is taken out, else nobody would know of the late one (R8).
 */
export function resolveCover(
  settled: Settled,
  input: Pick<SettleInput, "wanted" | "policy" | "now" | "runId" | "ask">,
  covered: (id: SentIdentifier) => boolean,
): LedgerRow | null {
  const { row, withheld } = settled;
  if (row === null) return null;
  const named = input.policy.kind === "record" && row.state === "ok" && row.h === input.wanted?.h;
  const stale = named ? minus(row.ids, input.wanted?.ids ?? []) : [];
  if (withheld.length === 0 && stale.length === 0) return row;
  if (row.doubtAt !== null && input.now < row.doubtAt + input.policy.lateMs) return row;
  const ids = minus(row.ids, [...withheld, ...stale].filter(covered));
  const right = settled.clear && withheld.length > 0 && withheld.every(covered);
  if (input.wanted === null || input.wanted.ids.length === 0) {
    if (ids.length === 0) return null;
    const farewell = right && input.ask.kind === "send" && input.ask.op === "set";
    return farewell ? { ...row, ids, state: "left", doubtAt: null } : { ...row, ids };
  }
  return right ? okRow(row, input.wanted, ids, input.now, input.runId) : { ...row, ids };
}

/** The row after an unknown, or a late, part: ids keep the union, content unknown; `once` is held for a person (R13). */
function doubtful(input: SettleInput, effects: Effects): LedgerRow {
  const { policy, wanted } = input;
  const held = input.row?.state === "held" || (policy.delivery === "once" && effects.unknown);
  const keeps = effects.unknown && policy.delivery !== "set";
  return {
    ...blank(input),
    ids: policy.mode === "append" && wanted !== null ? wanted.ids : effects.ids,
    state: held ? "held" : "doubt",
    h: held ? (wanted?.h ?? null) : null,
    hFast: held ? (wanted?.hFast ?? null) : null,
    m: wanted?.m ?? input.row?.m ?? null,
    doubtAt: effects.doubtAt,
    remoteId: effects.remoteId,
    idem: keeps ? JSON.stringify(unanswered(input, effects)) : (input.row?.idem ?? null),
    fields: keeps ? input.fields : (input.row?.fields ?? null),
  };
}

function unanswered(input: SettleInput, effects: Effects): Unanswered {
  const { wanted, outcomes, policy } = input;
  const open = outcomes.filter((one) => one.verdict === "unknown");
  // An accepted part that an older request may still undo (R8) is not among those that will be answered.
  const rest = !effects.late && outcomes.every((one) => one.verdict === "unknown" || one.verdict === "accepted");
  const removed = open.filter((one) => one.part.op === "remove").map((one) => one.part.id);
  const ids = policy.mode === "remove" ? union(effects.ids, removed) : minus(effects.ids, removed);
  const before = input.row === null ? null : unansweredOf(input.row);
  const older = (before?.parts ?? []).filter((part) => !open.some((one) => sameIdentifier(one.part.id, part.id)));
  const full = wanted !== null && rest && before === null && within(wanted.ids, ids);
  return {
    parts: [
      ...older,
      ...open.map(({ part, request, sentAt }) => {
        const { key, digest, seq } = request ?? { key: "", digest: "", seq: -1 };
        return { op: part.op, id: part.id, key, digest, seq, at: sentAt };
      }),
    ],
    afterwards: full ? { h: wanted.h, hFast: wanted.hFast, m: wanted.m, ids } : null,
  };
}

/**
 * The row when every part has a definite end (R1). `clear`: all of them were accepted or withheld. A wanted row that only
 * waits for withheld identifiers is owed, but its content is known: it asks for no request while it waits (R4).
 */
function certain(input: SettleInput, effects: Effects, clear: boolean, waits: boolean): LedgerRow | null {
  const { row, wanted, ask, policy } = input;
  const { ids, remoteId, touched } = effects;
  if (!touched && wanted !== null) return row;
  const base = { ...blank(input), ids, remoteId };
  const op = ask.kind === "send" ? ask.op : "update";
  const right = clear && !waits;
  if (op === "refresh" && row !== null) return right ? { ...row, sentAt: input.now, runId: input.runId } : row;
  if (op === "set" && right) return { ...base, h: null, hFast: null, state: "left", doubtAt: null };
  // Left out of a replacement: refused or held back, and so no longer there.
  const absent = input.replacement?.fate === "closed" && ids.length === 0;
  if (wanted !== null && !absent) {
    const complete = right && (op !== "remove" || policy.mode === "remove");
    if (complete) {
      const next = okRow(base, wanted, policy.kind === "event" ? wanted.ids : ids, input.now, input.runId);
      // Mode add keeps identifiers of before: that some were never acknowledged is known by their doubt.
      return policy.mode === "add" && !within(ids, wanted.ids) ? { ...next, doubtAt: base.doubtAt } : next;
    }
    const content = { h: wanted.h, hFast: wanted.hFast, m: wanted.m };
    if (clear && waits && op !== "remove") return { ...base, ...content, state: "owed" };
    return { ...base, ...unresolved(row, true) };
  }
  if (ids.length === 0) return null;
  const stays = right && policy.onLeave === "keep";
  return { ...base, ...unresolved(row, false), ...(stays && row?.state !== "held" ? { state: "left" } : {}) };
}

/** The state of a row that is not yet right: doubt stays doubt, held and left stay, anything else is owed. */
function unresolved(row: LedgerRow | null, wanted: boolean): Partial<LedgerRow> {
  if (row?.state === "held") return {};
  const stays = row?.state === "doubt" || (row?.state === "left" && !wanted);
  return { state: stays ? row.state : "owed", h: null, hFast: null };
}

function okRow(row: LedgerRow, wanted: Wanted, ids: readonly SentIdentifier[], now: number, runId: string): LedgerRow {
  const content = { h: wanted.h, hFast: wanted.hFast, m: wanted.m };
  return { ...row, ...content, ids, state: "ok", doubtAt: null, idem: null, fields: null, runId, sentAt: now };
}

function blank(input: SettleInput): LedgerRow {
  const { row, k, runId, now } = input;
  const none = { k, h: null, hFast: null, m: null, ids: [], state: "owed" as const, doubtAt: null, remoteId: null };
  return { ...none, idem: null, fields: null, ...row, runId, sentAt: now };
}

/** Counts refusals, forgets those that were accepted since or are no longer asked (R5, R6). */
function settleRejections(input: SettleInput): readonly Rejection[] {
  const { k, ask, wanted, outcomes, now, policy } = input;
  const kept = input.rejections.filter((one) => stillAsked(one, ask, wanted, k));
  const hashOf = (one: PartOutcome) => rejectionHash(one.part, wanted);
  const tooOld = (one: PartOutcome): boolean => policy.mode === "append" && isSkipped(one, tooOldCode);
  const isAbsent = (one: PartOutcome): boolean => isSkipped(one, "not_found");
  const ended = outcomes.filter(
    (one) => one.verdict === "accepted" || one.verdict === "rejected" || isAbsent(one) || tooOld(one),
  );
  const open = kept.filter((one) => !ended.some((end) => matches(one, k, end.part, hashOf(end))));
  const again = ended.flatMap((one) => {
    const h = hashOf(one);
    if (isAbsent(one)) return [absentFor(k, one.part, h, now)];
    const before = kept.find((old) => matches(old, k, one.part, h)) ?? null;
    if (tooOld(one)) return [before?.code === tooOldCode ? before : tooOldFor(k, one.part, h, now)];
    return one.verdict === "rejected" ? [rejectAgain(before, { k, h, ...one }, now, policy.giveUp)] : [];
  });
  return [...open, ...again];
}

function isSkipped(one: PartOutcome, code: string): boolean {
  return one.verdict === "skipped" && one.code === code;
}
