/** The effect of verdicts on identifiers: per part, never per key (R1). */
import type { SentIdentifier } from "../../core.ts";
import { minus, union } from "./identifiers.ts";
import { outliving } from "./replace.ts";
import type { SettleInput } from "./settle.ts";
import type { PartOutcome } from "./types.ts";

/** What the platform holds of a key once its verdicts are in. */
export interface Effects {
  readonly ids: readonly SentIdentifier[];
  /** Something was, or may have been, applied, or the target was replaced. */
  readonly touched: boolean;
  readonly unknown: boolean;
  /** Accepted while an older request on the identifier may still take effect (R8). */
  readonly late: boolean;
  /** Unknown or late. */
  readonly uncertain: boolean;
  readonly doubtAt: number | null;
  readonly remoteId: string | null;
}

/** What the verdicts of a key did to its identifiers, and how sure that is (R1, R8, R10). */
export function effectsOf(input: SettleInput): Effects {
  const { row, policy, outcomes, wanted } = input;
  const applied = outcomes.filter((one) => one.verdict === "accepted" || one.verdict === "unknown");
  const late = applied.filter((one) => one.verdict === "accepted" && lateDoubt(input, one) !== null);
  const unknown = applied.some((one) => one.verdict === "unknown");
  const uncertain = unknown || late.length > 0;
  const stamps = [...late.map((one) => lateDoubt(input, one)), unknown ? input.doubtAt : null, row?.doubtAt ?? null];
  const doubtAt = stamps.reduce(
    (newest, one) => (one !== null && (newest === null || one > newest) ? one : newest),
    null,
  );
  const remoteId = applied.find((one) => one.remoteId !== null)?.remoteId ?? row?.remoteId ?? null;
  const replaced = input.replacement?.fate === "closed" && row !== null;
  const facts = {
    touched: applied.length > 0 || replaced,
    unknown,
    late: late.length > 0,
    uncertain,
    doubtAt,
    remoteId,
  };
  const foreign = row?.state === "assumed" && !policy.adopt && applied.some((one) => one.part.op === "add");
  const before = foreign ? [] : outliving(row?.ids ?? [], input);
  const acknowledged = outcomes.filter(
    (one) => one.verdict === "accepted" && one.part.op === "remove" && !late.includes(one),
  );
  const gone = acknowledged.map((one) => one.part.id);
  if (policy.mode === "remove") return { ...facts, ids: union(before, gone) };
  const came = applied.filter((one) => one.part.op === "add").map((one) => one.part.id);
  if (policy.kind === "membership" || came.length === 0) return { ...facts, ids: union(minus(before, gone), came) };
  // A record renamed by its remote id has today's identifiers only. Written by match, or if an earlier rename was never
  // certain, a record of the old identifier may still exist (R10).
  const exact = row !== null && (row.state === "ok" || row.state === "left") && oncePerKind(row.ids);
  const renamed = exact && applied.every((one) => one.byRemoteId) && !uncertain;
  const now = wanted?.ids ?? before;
  // Today's last: what goes by the remote id goes under that one.
  return { ...facts, ids: renamed ? now : union(minus(before, now), now) };
}

/** Two identifiers of one kind on a record's row are two records that may exist. */
function oncePerKind(ids: readonly SentIdentifier[]): boolean {
  return new Set(ids.map((id) => id.kind)).size === ids.length;
}

/** The older doubt that makes an acknowledged op inconclusive, or null (R8). Removals only meet removals in mode remove. */
function lateDoubt(input: SettleInput, one: PartOutcome): number | null {
  if (input.policy.mode === "remove" || input.policy.kind === "event") return null;
  const others = input.doubtOf(one.part.id);
  // A late write of the same record lands whatever identifier it names.
  const own = input.policy.kind === "record" ? (input.row?.doubtAt ?? null) : null;
  const doubtAt = others === null || (own !== null && own > others) ? own : others;
  return doubtAt !== null && one.sentAt < doubtAt + input.policy.lateMs ? doubtAt : null;
}
