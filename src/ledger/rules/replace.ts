/**
 * Runs that replace their target as a whole, in a session of several requests: what they do to rows beside the verdicts.
 *
 * Closed, the platform holds who was sent and nobody else. Broken off, it may hold only those who had arrived: nobody is
 * certain any more, also who was not sent, or not yet ("a hole at a crash", R30, R40).
 */
import type { SentIdentifier } from "../../core.ts";
import type { SettleInput } from "./settle.ts";
import type { LedgerRow, PartOutcome, Replacement } from "./types.ts";

/**
 * Who was left out of a closed replacement is gone: nothing is removed by a request of its own, nothing withheld. All of it
 * counts as sent when the session began (R8).
 */
export function replacedOutcomes(
  outcomes: readonly PartOutcome[],
  replacement: Replacement | null,
): readonly PartOutcome[] {
  if (replacement?.fate !== "closed") return outcomes;
  const sentAt = replacement.at;
  return outcomes
    .filter(({ verdict }) => verdict !== "withheld")
    .map((one) => ({ ...one, sentAt, verdict: one.part.op === "remove" ? "accepted" : one.verdict }));
}

/** Of the identifiers a row held before, those that the platform may hold after the run without having been sent in it (R8). */
export function outliving(
  ids: readonly SentIdentifier[],
  { replacement, doubtOf, policy }: Pick<SettleInput, "replacement" | "doubtOf" | "policy">,
): readonly SentIdentifier[] {
  if (replacement?.fate !== "closed") return ids;
  return ids.filter((id) => {
    const doubtAt = doubtOf(id);
    return doubtAt !== null && replacement.at < doubtAt + policy.lateMs;
  });
}

/** A row that nothing was sent of in a replacement that broke off; what others put there (`assumed`) is still not ours. */
export function scattered(row: LedgerRow, doubtAt: number): LedgerRow {
  const known = { ...row, h: null, hFast: null };
  return row.state === "left" || row.state === "assumed" ? known : { ...known, state: "doubt", doubtAt };
}
