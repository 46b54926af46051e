/** An open environment: its warehouse, the ledger and models in it, and the desk of this command. */
import type { Diagnostic } from "../core.ts";
import type { Clock } from "../ports.ts";
import type { Project } from "../project/project.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { openDuckDBSession } from "./duckdb-session.ts";
import type { Candidate } from "./read-only.ts";
import { openRemoteSession } from "./remote-session.ts";
import { shareRemote, type TableNames } from "./shared-remote.ts";
import type { Named } from "./resolve.ts";

export { ledgerLasts, ledgerPath } from "./folders.ts";

export interface SessionOptions {
  /** Write the ledger; otherwise it is read, or stands empty in memory where there is none yet. */
  readonly write: boolean;
  /** A DuckDB file for the tables of a run, read and write; made when it is not there. */
  readonly runFile?: string;
  /** How long to wait for a file another process holds; default 5 s (decision 11). */
  readonly waitMs?: number;
  /** For secrets of the connection. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The run it is for, by whose mark its statements are found; its sessions share a connection. */
  readonly run?: string;
  readonly clock?: Pick<Clock, "monotonic" | "sleep">;
  /** Told why the ledger's log could not be folded into its file (./own-file.ts). */
  readonly onUnfolded?: (because: string) => void;
}

export interface Session {
  readonly warehouse: Warehouse;
  /** Does the ledger outlive this session? */
  readonly durable: boolean;
  /** Where the ledger and built models stand: `["ledger", "millrace"]`, unquoted. */
  readonly ledgerPlace: readonly string[];
  readonly modelPlace: readonly string[];
  /** Where tables may stand that are no part of the ledger. */
  readonly scratchPlace: readonly string[];
  /** Names of the tables of the ledger, and of the built models. */
  tables(): Promise<TableNames>;
  /** The schema of built models, quoted: `"ledger"."millrace_models"`. */
  readonly modelSchema: string;
  /** The way to the tables of this command. */
  readonly ferry: Ferry;
  /** A ledger table's qualified name. */
  ledger(table: string): string;
  /** What a source table or seed is read from. E707 when there is nothing of that name. */
  relationOf(what: Named): string;
  /** Problems of SQL that may not run: not one SELECT, or reading more than its words say. */
  checkReadOnly(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, readonly Diagnostic[]>>;
  /** W701 and the like. */
  readonly warnings: readonly Diagnostic[];
  close(): Promise<void>;
}

/** Opens the project's environment. */
export function openSession(project: Project, options: SessionOptions): Promise<Session> {
  const { warehouse } = project.environment;
  return warehouse.type === "duckdb"
    ? openDuckDBSession(project, options)
    : openRemoteSession(project, warehouse, options);
}

/**
 * Keeps a run's connection to a remote warehouse open over the sessions that it opens and closes; gives what lets it go. Call it
 * when the environment's lock is taken: the names of tables are asked once. Nothing where the warehouse is a file: it is closed
 * while rows travel (decision 11).
 */
export async function holdConnection(
  project: Project,
  { env, run }: Pick<SessionOptions, "env"> & { readonly run: string },
): Promise<() => Promise<void>> {
  const { warehouse } = project.environment;
  if (warehouse.type === "duckdb") return async () => undefined;
  const shared = await shareRemote(project, warehouse, { env, run });
  return () => shared.release();
}
