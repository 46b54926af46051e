/** What a run that died leaves: the verdict of each part, and the fate of requests that were never answered (R7, R33). */
import type { SentIdentifier } from "../../core.ts";
import { minus, union, within } from "./identifiers.ts";
import type { LedgerRow, Policy, Unanswered, Verdict } from "./types.ts";

/**
 * The verdict of a part when its plan is settled (R7, R22, R30, I6): what was flushed or journalled counts; without a
 * verdict, below the send horizon or with a journalled intent it may have left: unknown; above, it never did.
 */
export function verdictOf(part: {
  readonly flushed: Verdict | null;
  readonly journalled: Verdict | null;
  readonly intent: boolean;
  readonly seq: number;
  /** Highest seq that was allowed to leave, null when none was. */
  readonly horizon: number | null;
}): Verdict {
  const known = part.flushed ?? part.journalled;
  if (known !== null) return known;
  return part.intent || (part.horizon !== null && part.seq <= part.horizon) ? "unknown" : "unsent";
}

/** The requests of a keyed or held row whose fate is unknown. */
export function unansweredOf(row: LedgerRow): Unanswered | null {
  return row.idem === null ? null : (JSON.parse(row.idem) as Unanswered);
}

/** A row that is not right any more even if all its unanswered requests arrived: somebody else's came after them. */
export function overtaken(row: LedgerRow): LedgerRow {
  const open = unansweredOf(row);
  return open === null ? row : { ...row, idem: JSON.stringify({ ...open, afterwards: null } satisfies Unanswered) };
}

/** A row whose content at the platform somebody else's request may have undone. */
export function unsure(row: LedgerRow): LedgerRow {
  if (row.state === "held") return overtaken(row);
  return { ...overtaken(row), h: null, hFast: null, state: row.state === "ok" ? "owed" : row.state };
}

/**
 * May the unanswered requests of a keyed row be sent again under their keys (R33)? Only with the bodies of then
 * (`sameDigest`), inside the window in which the platform remembers keys, and if no row of them is denied today.
 */
export function mayReplay(
  unanswered: Unanswered,
  now: number,
  windowMs: number,
  today: { readonly sameDigest: boolean; readonly forbidden: boolean },
): boolean {
  return today.sameDigest && !today.forbidden && unanswered.parts.every((part) => now < part.at + windowMs);
}

/** A keyed row whose requests cannot be replayed waits for a person (R33, decision 70). */
export function hold(row: LedgerRow): LedgerRow {
  return { ...row, state: "held" };
}

/**
 * The row after its unanswered requests were answered: by a replay, or by a person (`resolve --delivered` says accepted,
 * `--lost` rejected, for all of them) (R13, R33). `verdicts` in the order of `Unanswered.parts`; null deletes the row.
 *
 * Lost events leave no row, so that the next plan adds them with today's data; lost memberships and records keep the
 * identifiers the platform may hold since before (I1), and are asked again as owed. `doubtOf` gives the newest doubt of
 * *other* rows on an identifier that was still young when the answer's request left: then nothing is certain yet (R8).
 */
export function answered(
  row: LedgerRow,
  verdicts: readonly Verdict[],
  policy: Policy,
  doubtOf: (id: SentIdentifier) => number | null,
): LedgerRow | null {
  const open = unansweredOf(row);
  if (open === null) return { ...row, h: null, hFast: null, state: "owed" };
  if (verdicts.some((verdict) => verdict !== "accepted" && verdict !== "rejected")) return row;
  const applied = open.parts.filter((_, index) => verdicts[index] === "accepted");
  const doubts = policy.kind === "event" ? [] : applied.map((part) => doubtOf(part.id)).filter((at) => at !== null);
  const base = { ...row, h: null, hFast: null, idem: null, fields: null };
  if (doubts.length > 0) return { ...base, state: "doubt", doubtAt: Math.max(...doubts, row.doubtAt ?? 0) };
  const gone = applied.filter((part) => part.op === "remove").map((part) => part.id);
  if (policy.kind === "event" && applied.length === 0) return null;
  const ids = policy.mode === "remove" ? union(row.ids, gone) : minus(row.ids, gone);
  const { afterwards } = open;
  if (applied.length === open.parts.length && afterwards !== null && within(afterwards.ids, ids)) {
    const content = { h: afterwards.h, hFast: afterwards.hFast, m: afterwards.m };
    return { ...base, ...content, ids: afterwards.ids, state: "ok", doubtAt: null };
  }
  return ids.length === 0 ? null : { ...base, ids, doubtAt: null, state: "owed" };
}
