/**
 * What the engine offers to the command line and to programs: types only, implemented in src/engine/index.ts.
 *
 * `exit` of a result is the exit code the command should end with; user-caused failures that concern the whole call
 * (unknown plan, stale plan, everything locked) are thrown as MillraceError.
 */
import type { GitInfo, PlanDocument, RunDocument, RunEvent } from "../core.ts";
import type { ExitCode } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Limit, Project } from "../project/project.ts";

export interface EngineOptions {
  readonly project: Project;
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sync names. */
  readonly selected: readonly string[];
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
  readonly version: string;
  readonly git: GitInfo | null;
  readonly actor: string;
  readonly command: string;
  /** Resource name (audience or sync) -> reasons, for `why_selected`. */
  readonly whySelected?: ReadonlyMap<string, readonly string[]>;
}

export interface PlanOptions extends EngineOptions {
  /** Freeze the rows in the ledger, so that `sync --plan` can send exactly these. */
  readonly save: boolean;
  readonly sampleRows: number;
  readonly audiences?: readonly string[];
  /** Told the SQL of the planned audiences and of every model above the planned syncs: name -> query. */
  readonly onCompiled?: (queries: ReadonlyMap<string, string>) => void;
}

export interface SyncOptions extends EngineOptions {
  /** A saved plan: its id or a unique prefix. */
  readonly planId?: string;
  readonly full?: boolean;
  readonly again?: boolean;
  readonly yes: boolean;
  readonly interactive: boolean;
  readonly confirm?: (question: string) => Promise<boolean>;
  readonly overrides: readonly {
    readonly guard: string;
    readonly sync?: string;
    readonly reason: string;
  }[];
  readonly maxRemove?: Limit;
  /** How long to wait for the lock, milliseconds. */
  readonly waitMs: number;
  readonly skipTests: boolean;
  readonly failFast: boolean;
  readonly due?: boolean;
  /** Run id or sync names whose rejected rows are tried again. */
  readonly retry?: readonly string[];
  readonly onPlan?: (plan: PlanDocument) => void;
}

export interface PlanResult {
  readonly document: PlanDocument;
  readonly exit: ExitCode;
}

export interface RunResult {
  readonly document: RunDocument;
  readonly exit: ExitCode;
}

export type SyncState = "ok" | "warning" | "failed" | "paused" | "late" | "never";

/** `--json` of status. Arrays are sorted by name; times are UTC ISO. */
export interface StatusDocument {
  readonly schema: "millrace/status/v1";
  readonly environment: string;
  readonly at: string;
  readonly git: GitInfo | null;
  readonly last_run: {
    readonly run_id: string;
    readonly status: RunDocument["status"];
    readonly finished_at: string;
  } | null;
  readonly syncs: readonly SyncStatus[];
}

export interface SyncStatus {
  readonly sync: string;
  /** The audience or model it sends. */
  readonly source: string;
  readonly destination: string;
  readonly state: SyncState;
  readonly last_ok_at: string | null;
  /** Null without a schedule and while paused; in the past while a run is due. */
  readonly next_at: string | null;
  /** What the destination holds because of us; null before the first run. */
  readonly people: number | null;
  /** Oldest first, one a day, null where there was no run yet. */
  readonly people_7d: readonly (number | null)[];
  /** Rows whose last attempt was rejected. */
  readonly rejected: number;
  /** What the platform last said of the target; null where it does not say. */
  readonly remote: {
    readonly at: string;
    readonly size_low: number | null;
    readonly size_high: number | null;
    /** 0 to 1: of those sent, how many the platform knew. */
    readonly match_rate: number | null;
  } | null;
  readonly error: string | null;
  readonly paused_until: string | null;
}

/** One line of a ticked rule tree; children stand below groups. */
export interface ExplainRule {
  /** The rule read back as words: `lifetime_value gte 400`, `all of`. */
  readonly rule: string;
  /** Null: not looked at, because the outcome was settled already. */
  readonly holds: boolean | null;
  /** What was found: `lifetime_value = 381.50`; `NULL (unknown)`. */
  readonly found: string | null;
  readonly children: readonly ExplainRule[];
}

export interface ExplainAudience {
  readonly audience: string;
  readonly member: boolean;
  /** Null for an audience written in SQL. */
  readonly rules: ExplainRule | null;
  /** For SQL audiences: presence per step (CTE) of the query, in order. */
  readonly trace: readonly { readonly step: string; readonly present: boolean }[];
  /** Why a person who matches is out all the same: excluded, over the limit. */
  readonly excluded_by: string | null;
  readonly history: readonly {
    readonly at: string;
    readonly event: "enter" | "leave";
    readonly run_id: string;
    readonly commit: string | null;
  }[];
}

/** What one destination holds of the person, by the ledger. */
export interface ExplainHolding {
  readonly sync: string;
  readonly destination: string;
  readonly object: string;
  /** `none`, or the row's state in the ledger: ok, doubt, owed, left, assumed, held. */
  readonly state: "none" | "ok" | "doubt" | "owed" | "left" | "assumed" | "held";
  readonly remote_id: string | null;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly sent_at: string | null;
  readonly run_id: string | null;
  readonly rejection: {
    readonly code: string;
    readonly message: string;
    readonly attempts: number;
  } | null;
  readonly history: readonly {
    readonly at: string;
    readonly op: string;
    readonly outcome: string;
    readonly run_id: string;
  }[];
}

/** `--json` of `explain person`. Identifiers are masked, the person is an HMAC prefix. */
export interface ExplainDocument {
  readonly schema: "millrace/explain/v1";
  readonly environment: string;
  readonly as_of: string;
  /** Null when nobody has that key or e-mail. */
  readonly person: string | null;
  readonly model: string | null;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly audiences: readonly ExplainAudience[];
  readonly destinations: readonly ExplainHolding[];
}

export interface RejectedRow {
  readonly sync: string;
  /** HMAC prefix. */
  readonly person: string;
  readonly op: string;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** Given up: not tried again by itself. */
  readonly dead: boolean;
}

export interface LockInfo {
  readonly run_id: string;
  readonly holder: string;
  readonly command: string;
  readonly since: string;
  readonly alive_at: string | null;
}

/** What one sync's ledger holds, and where. */
export interface LedgerHoldings {
  readonly rows: number;
  /** The target in words: `webhook member (url https://…)`. */
  readonly target: string;
  /** The target that the project names today; null where it has no such sync. */
  readonly now: string | null;
}

/** A ledger as rows of text: what `state export` writes and `state import` reads. */
export interface StateExport {
  readonly schema: "millrace/state/v1";
  readonly environment: string;
  readonly exported_at: string;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
  }[];
}

export interface CheckResult {
  readonly ok: boolean;
  readonly message: string;
}

/** The functions of src/engine/index.ts, for those who call them through a lazy import. */
export interface Engine {
  planSyncs(options: PlanOptions): Promise<PlanResult>;
  runSyncs(options: SyncOptions): Promise<RunResult>;
  readStatus(options: EngineOptions): Promise<StatusDocument>;
  /** Newest first; `id`: of that id, or beginning or ending so. */
  readRuns(
    options: EngineOptions & { readonly limit: number; readonly sync?: string; readonly id?: string },
  ): Promise<readonly RunDocument[]>;
  readRejected(options: EngineOptions & { readonly runId: string }): Promise<readonly RejectedRow[]>;
  explainPerson(
    options: EngineOptions & {
      readonly key?: string;
      readonly email?: string;
      readonly audience?: string;
      readonly at?: number;
    },
  ): Promise<ExplainDocument>;
  resolveHeld(
    options: EngineOptions & { readonly sync: string; readonly as: "delivered" | "lost" },
  ): Promise<{ readonly rows: number }>;
  /** Null when nobody holds it. */
  lockInfo(options: EngineOptions): Promise<LockInfo | null>;
  /** Frees the lock of that run and no other; false when it is not held by it. */
  unlock(options: EngineOptions & { readonly runId: string }): Promise<boolean>;
  exportState(options: EngineOptions): Promise<StateExport>;
  importState(options: EngineOptions & { readonly state: StateExport }): Promise<{ readonly rows: number }>;
  /** Renames a sync's ledger, so that nothing is sent again under the new name. */
  moveState(
    options: EngineOptions & { readonly from: string; readonly to: string },
  ): Promise<{ readonly rows: number }>;
  /** What a sync's ledger holds, and where; E595 where it knows no such sync. */
  readHoldings(options: EngineOptions & { readonly sync: string }): Promise<LedgerHoldings>;
  /** Puts a sync's ledger aside, so that its next run begins anew with the target the project names. */
  abandonState(
    options: EngineOptions & { readonly sync: string; readonly reason: string },
  ): Promise<{ readonly rows: number; readonly archived: string }>;
  /** Takes everybody a sync's ledger holds out of its target; with nobody left the ledger is forgotten. */
  drainState(options: EngineOptions & { readonly sync: string; readonly reason: string }): Promise<{
    readonly runId: string;
    readonly exit: ExitCode;
    readonly removed: number;
    readonly remaining: number;
  }>;
  /** The platform lost the target: the next run finds or makes it anew and sends everybody who is wanted. */
  recreateState(
    options: EngineOptions & { readonly sync: string; readonly reason: string },
  ): Promise<{ readonly rows: number }>;
  /** Drops history older than `days`, plan tables of expired plans and old run files. */
  pruneState(options: EngineOptions & { readonly days: number }): Promise<{ readonly rows: number }>;
  checkDestination(options: EngineOptions & { readonly destination: string }): Promise<readonly CheckResult[]>;
}
