/**
 * The nouns of millrace, one type each; this file imports nothing.
 *
 * Text that reaches a person or a file says `update`, never `change`, for the operation, and
 * `environment`, never `env`.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What can happen to one key at a destination. */
export type Op = "add" | "update" | "remove";

/** An identifier exactly as the platform was given it (normalised and, where declared, hashed). */
export interface SentIdentifier {
  readonly kind: string;
  readonly value: string;
  /** Version of the normaliser that made `value`; removals send these bytes, whatever today's version says. */
  readonly version: number;
}

/** What came of one change: every change gets exactly one. */
export type Outcome =
  | { readonly status: "accepted"; readonly remoteId?: string }
  /**
   * `each`: told of the row itself, in a batch of which every row was refused; smaller batches would hear the same. `partly`:
   * told of a batch of which some rows were refused and others taken; smaller batches tell which.
   */
  | {
      readonly status: "rejected";
      readonly code: string;
      readonly message: string;
      readonly each?: true;
      readonly partly?: true;
    }
  | { readonly status: "deferred"; readonly message: string; readonly retryAfterMs?: number }
  | { readonly status: "skipped"; readonly reason: string }
  /** The destination cannot tell whether it was applied (broken answer, time-out): the engine's doubt. */
  | { readonly status: "unknown"; readonly message: string };

/**
 * May a batch be sent again when its fate is unknown? `set`: freely. `keyed`: with the same idempotency key,
 * inside the platform's window. `once`: never; the rows are held until a person resolves them.
 */
export type Delivery = "set" | "keyed" | "once";

/** What rows are at a destination: being a member of something, a record with fields, or an event. */
export type ObjectKind = "membership" | "record" | "event";

export type Mode = "mirror" | "upsert" | "add" | "update" | "remove" | "append";

/** A place in a file; line and column count from 1. `length` is how many characters the carets underline. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** A problem with a place, a cause and a next step. */
export interface Diagnostic {
  /** `E204`, `W310`: numbers are never reused. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly at?: Location;
  /** What to do: "did you mean …", "allowed here: …". */
  readonly hint?: string;
}

/** A limit that was looked at before anything was sent. */
export interface GuardResult {
  /** `G1` … `G10`. */
  readonly code: string;
  readonly name: string;
  readonly ok: boolean;
  readonly value: number;
  readonly limit: number;
  readonly message: string;
  /** Set when a person let the run pass although `ok` is false. */
  readonly overridden?: { readonly actor: string; readonly reason: string };
}

/** One finished test of any kind: unit, data, audience, or freshness. */
export interface TestResult {
  readonly kind: "unit" | "data" | "audience" | "freshness";
  /** `customers.email › unique`. */
  readonly name: string;
  /** The model or audience it speaks of: syncs downstream of a failed error-severity test are stopped (G10). */
  readonly subject: string;
  readonly status: "passed" | "failed" | "warned" | "skipped" | "errored";
  readonly message: string;
  /** Readable detail lines (row diffs, masked examples). */
  readonly detail: readonly string[];
  /** Rows that break the test, where it counts rows. */
  readonly failures?: number;
  readonly at?: Location;
  /** SQL that ran, written by the CLI below target/compiled. */
  readonly sql?: string;
  readonly durationMs: number;
}

export interface GitInfo {
  readonly sha: string;
  readonly branch: string;
  readonly dirty: boolean;
}

/** `--json` of plan, and the file of a saved one (decision 36). Arrays are sorted by name. */
export interface PlanDocument {
  readonly schema: "millrace/plan/v1";
  readonly id: string;
  readonly environment: string;
  readonly as_of: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly git: GitInfo | null;
  /** Per sync: the ledger serial the plan was computed on. */
  readonly bases: Readonly<Record<string, number>>;
  readonly changes: boolean;
  readonly audiences: readonly PlannedAudience[];
  readonly syncs: readonly PlannedSync[];
  /** What earlier syncs left at their destinations; absent when there is nothing. */
  readonly ledgers_without_sync?: readonly LedgerWithoutSync[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A ledger that no sync of the project goes on with: nobody is taken out of its target any more (R31). */
export interface LedgerWithoutSync {
  readonly ledger: string;
  readonly target: string;
  readonly people: number;
  /** Put aside by `state retarget --abandon`. */
  readonly abandoned: boolean;
}

export interface PlannedAudience {
  readonly name: string;
  readonly before: number;
  readonly now: number;
  readonly enter: number;
  readonly leave: number;
  /** Of `enter` and `leave`: who moves because the definition was edited since the last run; the rest the data moves. Absent when it was not. */
  readonly enter_by_edit?: number;
  readonly leave_by_edit?: number;
  readonly why_selected: readonly string[];
}

export interface PlannedSync {
  readonly sync: string;
  readonly destination: string;
  readonly object: string;
  readonly mode: Mode;
  readonly status: "changes" | "unchanged" | "stopped";
  readonly planned: OpCounts;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  readonly in_doubt: number;
  readonly retrying: number;
  readonly remapped: number;
  readonly requests_estimate: number;
  readonly guards: readonly GuardResult[];
  readonly cost: { readonly bytes: number; readonly usd: number } | null;
  /** A few rows, persons as HMAC prefix, values masked. */
  readonly sample: readonly PlannedRow[];
  /** Why it was stopped other than by a guard. */
  readonly error: string | null;
}

export interface PlannedRow {
  readonly op: Op | "refresh";
  readonly person: string;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, Json>>;
  readonly because: string;
}

export interface OpCounts {
  readonly add: number;
  readonly update: number;
  readonly remove: number;
}

/** `--json` of sync, and target/runs/<id>/run.json (decision 36). */
export interface RunDocument {
  readonly schema: "millrace/run/v1";
  readonly run_id: string;
  readonly environment: string;
  readonly status: "ok" | "partial" | "stopped" | "failed" | "interrupted";
  readonly exit: number;
  readonly plan: string | null;
  readonly started_at: string;
  readonly finished_at: string;
  readonly git: GitInfo | null;
  readonly actor: string;
  readonly syncs: readonly SyncedSync[];
  readonly overrides: readonly {
    readonly guard: string;
    readonly sync: string;
    readonly reason: string;
    readonly actor: string;
  }[];
}

export interface SyncedSync {
  readonly sync: string;
  readonly status: "ok" | "unchanged" | "partial" | "stopped" | "failed" | "locked" | "skipped";
  readonly planned: OpCounts;
  /** Per change. `unknown` are in doubt and sent again by the next run (held for `once`). */
  readonly outcomes: Readonly<Record<"accepted" | "rejected" | "deferred" | "skipped" | "unsent" | "unknown", number>>;
  readonly accepted: OpCounts;
  readonly requests: number;
  readonly duration_ms: number;
  readonly rejections: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  readonly guards: readonly GuardResult[];
  readonly error: Diagnostic | null;
  /** Absent when there is nothing to say. */
  readonly warning?: Diagnostic;
}

/** One thing that happened, told as it happens; the CLI prints it, files it as NDJSON and counts it. */
export interface RunEvent {
  /** `run.start`, `sync.plan`, `sync.progress`, `http.slow` … */
  readonly event: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}
