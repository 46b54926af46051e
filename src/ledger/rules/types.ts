/** The plain data the rules of the ledger take and give. */
import type { Delivery, Mode, ObjectKind, SentIdentifier } from "../../core.ts";

/**
 * `ok`: acknowledged, h and exactly ids. `doubt`: holds some of ids, content unknown. `owed`: holds ids nobody covers, and
 * h only if it is wanted and everything but withheld removals was acknowledged.
 */
export type RowState = "ok" | "doubt" | "owed" | "left" | "assumed" | "held";

/** What a platform may hold because of us for one key: a row of `sent__<id>`. */
export interface LedgerRow {
  readonly k: string;
  /** Stable fingerprint, null when the content is unknown; `hFast` is always written together with it. */
  readonly h: string | null;
  readonly hFast: string | null;
  /** Mapping version under which h was made. */
  readonly m: number | null;
  readonly ids: readonly SentIdentifier[];
  readonly state: RowState;
  /**
   * Milliseconds; set while a request on one of `ids` may still take effect: rows in doubt, held, or left from doubt. In mode
   * add it stays on rows that are ok but hold identifiers of before, which nobody acknowledged.
   */
  readonly doubtAt: number | null;
  readonly remoteId: string | null;
  /** What was sent and never answered (`Unanswered` as JSON text), for keyed delivery in doubt and for held. */
  readonly idem: string | null;
  /** Rendered fields of held rows and of keyed doubt, JSON text. */
  readonly fields: string | null;
  readonly runId: string;
  readonly sentAt: number;
}

/** What today's model wants for a key; `ids` as sent, already without denied identifiers. On records `ids[0]` is the match. */
export interface Wanted {
  readonly h: string;
  readonly hFast: string | null;
  readonly m: number;
  readonly ids: readonly SentIdentifier[];
}

export interface Policy {
  readonly kind: ObjectKind;
  readonly mode: Mode;
  readonly delivery: Delivery;
  readonly onLeave: "remove" | "delete" | "keep" | "set";
  /** How long an unanswered request may still take effect (R8). */
  readonly lateMs: number;
  /** Rows assumed at a from_now first run are removed on leave too. */
  readonly adopt: boolean;
  /** A refused row is given up once it was tried so often and its first refusal is so old (decision 65). */
  readonly giveUp: { readonly attempts: number; readonly ageMs: number };
}

/** One ask for one identifier. On record objects an `add` writes the whole record, `remove` deletes it. */
export interface Part {
  readonly op: "add" | "remove";
  readonly id: SentIdentifier;
}

export type Verdict = "accepted" | "rejected" | "deferred" | "skipped" | "unsent" | "unknown";

/** Why a key is no longer wanted. All but `left` are positive privacy evidence: they pass guards and are never withheld. */
export type LeaveReason = "left" | "consent" | "suppression" | "erasure";

export interface AskContext {
  /** On records, a key whose match identifier is an erased key's has reason `erasure` too: it is the same record. */
  readonly reason: LeaveReason;
  /** Is the identifier one of a denied key's (R9)? Such an identifier is taken away from whoever brought it. */
  readonly denied: (id: SentIdentifier) => boolean;
  /** The platform is about to forget the membership by itself (R39, see `refreshDue`). */
  readonly refreshDue: boolean;
}

/** `set` is the update an `on_leave: set` asks; `refresh` an add that only moves sent_at. */
export type AskOp = "add" | "update" | "remove" | "refresh" | "set";

/** What one key asks of the platform before netting. */
export type Ask =
  | {
      readonly kind: "nothing";
      readonly because: "none" | "same" | "held" | "left" | "assumed" | "untouched" | "replay";
    }
  /** The row changes (or goes: null) without any request. */
  | { readonly kind: "silent"; readonly row: LedgerRow | null }
  /** `byRemoteId`: address the record by the row's remoteId, its match identifier may have changed (R10). */
  | { readonly kind: "send"; readonly op: AskOp; readonly parts: readonly Part[]; readonly byRemoteId: boolean };

/**
 * What netting says about one part (R12). `take`: send by match identifier, even if the ask would go by remote id.
 * `follow`: another key sends the same, its verdict counts. `wait`: not this run (also parts held back).
 */
export type Netted = "send" | "take" | "follow" | "withheld" | "wait";

/** How one part ended. Parts held back by a rejection, and those that wait, are `deferred`. */
export interface PartOutcome {
  readonly part: Part;
  readonly verdict: Verdict | "withheld";
  /** When the request left, milliseconds; for accepted and unknown. */
  readonly sentAt: number;
  readonly code: string;
  readonly message: string;
  /** The remote id the platform answered with. */
  readonly remoteId: string | null;
  /** Was the record addressed by its remote id (not by match: netted `take`)? Then its old identifier is gone (R10). */
  readonly byRemoteId: boolean;
  /** The idempotency key and body digest of an unknown request, for keyed and once. */
  readonly request: { readonly key: string; readonly digest: string; readonly seq: number } | null;
}

/**
 * What became of a run that replaces its target as a whole. `closed`: its last request was accepted, and it began `at`
 * (milliseconds). `broken`: a request of it may have reached the platform, and it did not end.
 */
export type Replacement = { readonly fate: "closed"; readonly at: number } | { readonly fate: "broken" };

/** A rejected part of a key (a row of `rejections__<id>`); `h` is null for removes, which have no content. */
export interface Rejection {
  readonly k: string;
  readonly op: "add" | "remove";
  readonly kind: string;
  readonly value: string;
  readonly h: string | null;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly nextAfter: number;
  readonly dead: boolean;
}

/** The JSON of `LedgerRow.idem`: requests whose fate is unknown, and what the row becomes if all of them arrived. */
export interface Unanswered {
  readonly parts: readonly {
    readonly op: "add" | "remove";
    readonly id: SentIdentifier;
    readonly key: string;
    readonly digest: string;
    readonly seq: number;
    readonly at: number;
  }[];
  /** Null when another part of the key failed too, or the key was not wanted. */
  readonly afterwards: {
    readonly h: string;
    readonly hFast: string | null;
    readonly m: number;
    readonly ids: readonly SentIdentifier[];
  } | null;
}
