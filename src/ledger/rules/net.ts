/** At most one op per identifier and run: which parts of a key's ask leave, which are shared, which are withheld (R12). */
import type { SentIdentifier } from "../../core.ts";
import type { Ask, Netted, Part, Policy } from "./types.ts";

/** What the other keys of the plan want and hold, decided exactly on identifiers as sent (R3). */
export interface Rivals {
  /** Another wanted key has the identifier among its wanted ones (which no longer hold denied identifiers). */
  readonly carried: (id: SentIdentifier) => boolean;
  /** Another key left, or leaves now, and is kept or set at the platform: its row goes on holding the identifier (R14). */
  readonly kept: (id: SentIdentifier) => boolean;
  /** The smallest key whose ask, after hold-back, has the same op on the identifier; its request speaks for all of them. */
  readonly leaderOf: (part: Part) => string;
  /**
   * Records: who else's row has the identifier. `moves`: a wanted key that is about to write another one by its remote id,
   * which must come first; `stays`: anyone else (also a mover that waits itself), whose record is taken over.
   */
  readonly holder: (id: SentIdentifier) => "none" | "moves" | "stays";
}

/**
 * What becomes of each part of one key's ask, in the order of its parts (R3, R9, R10, R12, I4).
 *
 * A remove of an identifier that a wanted key carries is withheld, and so is the farewell update of `on_leave: set`.
 * Denied identifiers are never carried, because every wanted key has lost them (`withoutDenied`). Keys with the same op on
 * one identifier share the request of the smallest key. On records one op per remote record is in flight: a write under an
 * identifier that another key is moving away from waits for the next run.
 */
export function netKey(k: string, ask: Ask, policy: Policy, rivals: Rivals): readonly Netted[] {
  if (ask.kind !== "send") return [];
  return ask.parts.map((part) => {
    const removes = part.op === "remove" && policy.mode !== "remove";
    if ((removes || ask.op === "set") && rivals.carried(part.id)) return "withheld";
    if (removes && rivals.kept(part.id)) return "withheld";
    const holder = policy.kind === "record" && part.op === "add" ? rivals.holder(part.id) : "none";
    if (holder === "moves") return "wait";
    if (policy.kind !== "event" && rivals.leaderOf(part) !== k) return "follow";
    return holder === "stays" ? "take" : "send";
  });
}
