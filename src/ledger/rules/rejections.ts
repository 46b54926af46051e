/** Rejected parts: when they are tried again, when they die, when they are forgotten (R5, R6). */
import type { Ask, Part, Policy, Rejection, Wanted } from "./types.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** An absent contact in mode update is looked for again after a week, or when the key changes (R37). */
const absentRetryMs = 7 * day;

/** Waits 5 min, 20 min, 80 min, 5 h 20, 21 h 20, then 24 h between attempts. */
export function backOffMs(attempts: number): number {
  return Math.min(day, 300_000 * 4 ** Math.max(0, attempts - 1));
}

/** The fingerprint a rejection of the part is filed under: removes and farewells have no content (R6). */
export function rejectionHash(part: Part, wanted: Wanted | null): string | null {
  return part.op === "remove" ? null : (wanted?.h ?? null);
}

/** Does the rejection speak of this part of this key with this content? Matching on less would hold back a removal (R6). */
export function matches(rejection: Rejection, k: string, part: Part, h: string | null): boolean {
  const same = rejection.k === k && rejection.op === part.op && rejection.h === h;
  return same && rejection.kind === part.id.kind && rejection.value === part.id.value;
}

/** May the part be sent now, must it wait, or is it dead until its content changes or `retry` names it (R5, R6)? */
export function holdBack(rejection: Rejection | null, now: number): "send" | "wait" | "dead" {
  if (rejection === null) return "send";
  if (rejection.dead) return "dead";
  return now < rejection.nextAfter ? "wait" : "send";
}

/** The rejection after one more refusal (R5: removes, and everything without content, never die). */
export function rejectAgain(
  before: Rejection | null,
  refused: {
    readonly k: string;
    readonly part: Part;
    readonly h: string | null;
    readonly code: string;
    readonly message: string;
  },
  now: number,
  giveUp: Policy["giveUp"],
): Rejection {
  const attempts = (before?.attempts ?? 0) + 1;
  const firstAt = before?.firstAt ?? now;
  return {
    k: refused.k,
    op: refused.part.op,
    kind: refused.part.id.kind,
    value: refused.part.id.value,
    h: refused.h,
    code: refused.code,
    message: refused.message,
    attempts,
    firstAt,
    lastAt: now,
    nextAfter: now + backOffMs(attempts),
    dead: mayDie(refused.part, refused.h) && attempts >= giveUp.attempts && now - firstAt >= giveUp.ageMs,
  };
}

/** Mode update: what is not there is not asked for again before a week, or the key's next change (R37). Never dead. */
export function absentFor(k: string, part: Part, h: string | null, now: number): Rejection {
  const id = { kind: part.id.kind, value: part.id.value };
  const words = { code: "not_found", message: "not at the destination; mode update only updates what exists" };
  return {
    k,
    op: part.op,
    ...id,
    h,
    ...words,
    attempts: 1,
    firstAt: now,
    lastAt: now,
    nextAfter: now + absentRetryMs,
    dead: false,
  };
}

/** Why a destination skips an event that it takes no more. */
export const tooOldCode = "too_old";

/** Mode append: an event that the platform finds too old gets no younger; it is given up until its content changes (decision 70). */
export function tooOldFor(k: string, part: Part, h: string | null, now: number): Rejection {
  const id = { kind: part.id.kind, value: part.id.value };
  const words = { code: tooOldCode, message: "older than the destination takes events" };
  const once = { attempts: 1, firstAt: now, lastAt: now, nextAfter: now };
  return { k, op: part.op, ...id, h, ...words, ...once, dead: true };
}

/** Only content can be given up: a removal, or the update a leaver gets, is owed for ever (R5). */
export function mayDie(part: Part, h: string | null): boolean {
  return part.op === "add" && h !== null;
}

/** Is the rejected (op, content) still what the key asks? If not, the settle forgets it (R6), so that A, B, A starts anew. */
export function stillAsked(rejection: Rejection, ask: Ask, wanted: Wanted | null, k: string): boolean {
  return ask.kind === "send" && ask.parts.some((part) => matches(rejection, k, part, rejectionHash(part, wanted)));
}
