/**
 * The ledger's tables in one place: names, columns, and the statements that make them. docs/ledger.md is its reader's page.
 *
 * `<id>` is the sync's internal id (its first name; `state mv` keeps it). Shared tables are insert-only.
 */
import type { Dialect } from "../warehouse/warehouse.ts";

/** Raised whenever a table's meaning changes; a newer ledger than the program is refused. */
export const ledgerVersion = 1;

const idsType = 'STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[]';

/** Columns of `sent__<id>`, in table order. */
export const sentColumns = [
  ["k", "VARCHAR"],
  ["h", "UBIGINT"],
  ["h_fast", "UBIGINT"],
  ["h_tag", "UINTEGER"],
  ["m", "INTEGER"],
  ["ids", idsType],
  ["state", "VARCHAR"],
  ["doubt_at", "BIGINT"],
  ["remote_id", "VARCHAR"],
  ["idem", "VARCHAR"],
  ["fields", "VARCHAR"],
  ["run_id", "VARCHAR"],
  ["sent_at", "BIGINT"],
] as const;

const rejectionColumns = [
  ["k", "VARCHAR"],
  ["op", "VARCHAR"],
  ["kind", "VARCHAR"],
  ["value", "VARCHAR"],
  ["h", "UBIGINT"],
  ["code", "VARCHAR"],
  ["message", "VARCHAR"],
  ["attempts", "INTEGER"],
  ["first_at", "BIGINT"],
  ["last_at", "BIGINT"],
  ["next_after", "BIGINT"],
  ["dead", "BOOLEAN"],
] as const;

const stateColumns = [
  ["id", "VARCHAR"],
  ["sync", "VARCHAR"],
  ["target", "VARCHAR"],
  ["remote_id", "VARCHAR"],
  ["fence", "BIGINT"],
  ["serial", "BIGINT"],
  ["open_plan", "VARCHAR"],
  ["open_run", "VARCHAR"],
  ["settled_to", "UBIGINT"],
  ["m", "INTEGER"],
  ["key_signature", "VARCHAR"],
] as const;

const shared = {
  meta: "ledger_version INTEGER, project VARCHAR, environment VARCHAR, engine_version VARCHAR, fence BIGINT",
  mappings: "sync VARCHAR, m INTEGER, hash VARCHAR, definition VARCHAR, created_at BIGINT",
  definitions: "hash VARCHAR, kind VARCHAR, name VARCHAR, definition VARCHAR, created_at BIGINT",
  plans: "plan VARCHAR, created_at BIGINT, expires_at BIGINT, config_hash VARCHAR, document VARCHAR, used_by VARCHAR",
  jobs: "sync VARCHAR, batch VARCHAR, checkpoint VARCHAR, since BIGINT",
  accounts: 'sync VARCHAR, account VARCHAR, run_id VARCHAR, "at" BIGINT',
  remote_stats: 'sync VARCHAR, "at" BIGINT, size_low BIGINT, size_high BIGINT, match_rate DOUBLE',
  changes:
    'run_id VARCHAR, plan VARCHAR, sync VARCHAR, k VARCHAR, seq UBIGINT, part SMALLINT, op VARCHAR, status VARCHAR, code VARCHAR, message VARCHAR, "at" BIGINT',
  runs: "run_id VARCHAR, started_at BIGINT, finished_at BIGINT, status VARCHAR, exit INTEGER, document VARCHAR",
  sync_runs:
    'run_id VARCHAR, sync VARCHAR, status VARCHAR, "at" BIGINT, people BIGINT, added BIGINT, updated BIGINT, removed BIGINT, rejected BIGINT, definition VARCHAR, error VARCHAR',
  operations:
    'run_id VARCHAR, sync VARCHAR, operation VARCHAR, actor VARCHAR, reason VARCHAR, rows BIGINT, "at" BIGINT',
} as const;

export type SharedTable = keyof typeof shared;

/** Shared tables whose `sync` is a sync's internal id: they go where its ledger goes. */
export const tablesById = ["mappings", "jobs", "remote_stats", "accounts"] as const;

/** Where a ledger stands: its schema and how names are quoted. */
export interface Ledger {
  readonly dialect: Dialect;
  /** Qualified schema, e.g. `["shop", "millrace"]`. */
  readonly schema: readonly string[];
}

export const sharedTable = (ledger: Ledger, name: SharedTable): string =>
  ledger.dialect.relation(...ledger.schema, name);
export const sentTable = (ledger: Ledger, id: string): string =>
  ledger.dialect.relation(...ledger.schema, `sent__${id}`);
export const stateTable = (ledger: Ledger, id: string): string =>
  ledger.dialect.relation(...ledger.schema, `state__${id}`);
export const rejectionsTable = (ledger: Ledger, id: string): string =>
  ledger.dialect.relation(...ledger.schema, `rejections__${id}`);

/** Columns and types of one of a sync's tables. */
export function syncColumns(kind: "sent" | "rejections" | "state"): readonly (readonly [name: string, type: string])[] {
  return { sent: sentColumns, rejections: rejectionColumns, state: stateColumns }[kind];
}

/** Columns and types of a shared table, null for a name that is none. */
export function sharedColumns(table: string): readonly (readonly [name: string, type: string])[] | null {
  if (!Object.hasOwn(shared, table)) return null;
  return shared[table as SharedTable].split(", ").map((column) => {
    const [name = "", type = ""] = column.split(" ");
    return [name.replaceAll('"', ""), type] as const;
  });
}

const columnList = (columns: readonly (readonly [string, string])[]): string =>
  columns.map(([name, type]) => `"${name}" ${type}`).join(", ");

/** Statements that make the ledger's shared tables where they are missing. */
export function createLedger(ledger: Ledger): readonly string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${ledger.dialect.relation(...ledger.schema)}`,
    ...Object.entries(shared).map(
      ([name, columns]) => `CREATE TABLE IF NOT EXISTS ${sharedTable(ledger, name as SharedTable)} (${columns})`,
    ),
  ];
}

/** Statements that make one sync's tables where they are missing; the state row is made by ./state.ts. */
export function createSyncTables(ledger: Ledger, id: string): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${sentTable(ledger, id)} (${columnList(sentColumns)})`,
    `CREATE TABLE IF NOT EXISTS ${rejectionsTable(ledger, id)} (${columnList(rejectionColumns)})`,
    `CREATE TABLE IF NOT EXISTS ${stateTable(ledger, id)} (${columnList(stateColumns)})`,
  ];
}

/** DDL of a staging table with the columns of `sent__`, plus whether the row stays. */
export function stagingColumns(): string {
  return `${columnList(sentColumns)}, keep BOOLEAN, wanted BOOLEAN`;
}

export function stagedRejectionColumns(): string {
  return columnList(rejectionColumns);
}
