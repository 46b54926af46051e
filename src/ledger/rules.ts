/**
 * The rules of the ledger, once, as pure functions: what to ask of the platform for one key, how asks of several keys
 * on one identifier net out, and what a row becomes when the verdicts are in. See docs of R1–R43 (ledger-rules).
 */
import type { Delivery, Mode, ObjectKind, SentIdentifier } from "../core.ts";

/** `ok`: acknowledged, h and exactly ids. `doubt`: holds some of ids, content unknown. `owed`: holds ids nobody covers. */
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
  /** Milliseconds; only while in doubt. */
  readonly doubtAt: number | null;
  readonly remoteId: string | null;
  /** Idempotency key and digest of the unanswered request, for keyed delivery in doubt and for held. */
  readonly idem: string | null;
  /** Rendered fields of held rows, JSON text. */
  readonly fields: string | null;
  readonly runId: string;
  readonly sentAt: number;
}

/** What today's model wants for a key; `ids` as sent, already without denied identifiers. */
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
  readonly lateMs: number;
  /** Rows assumed at a from_now first run are removed on leave too. */
  readonly adopt: boolean;
}

/** One ask for one identifier. On record objects an `add` writes the whole record, `remove` deletes it. */
export interface Part {
  readonly op: "add" | "remove";
  readonly id: SentIdentifier;
}

export type Verdict = "accepted" | "rejected" | "deferred" | "skipped" | "unsent" | "unknown";
