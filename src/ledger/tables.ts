/**
 * The ledger's tables in one place: names, columns, and the statements that make them. docs/ledger.md is its reader's page.
 *
 * `<id>` is the sync's internal id (its first name; `state mv` keeps it). Shared tables are insert-only.
 */
import type { Dialect } from "../warehouse/warehouse.ts";
import { wordsOf, type ColumnKind } from "./words.ts";

/** Raised whenever a table's meaning changes; a newer ledger than the program is refused. */
export const ledgerVersion = 1;

/** Columns of a table, in order: what each holds. */
type Columns = readonly (readonly [name: string, kind: ColumnKind])[];

const sentColumns = [
  ["k", "text"],
  ["h", "print"],
  ["h_fast", "print"],
  ["h_tag", "tag"],
  ["m", "integer"],
  ["ids", "ids"],
  ["state", "text"],
  ["doubt_at", "integer"],
  ["remote_id", "text"],
  ["idem", "text"],
  ["fields", "text"],
  ["run_id", "text"],
  ["sent_at", "integer"],
] as const satisfies Columns;

const rejectionColumns = [
  ["k", "text"],
  ["op", "text"],
  ["kind", "text"],
  ["value", "text"],
  ["h", "print"],
  ["code", "text"],
  ["message", "text"],
  ["attempts", "integer"],
  ["first_at", "integer"],
  ["last_at", "integer"],
  ["next_after", "integer"],
  ["dead", "boolean"],
] as const satisfies Columns;

const stateColumns = [
  ["id", "text"],
  ["sync", "text"],
  ["target", "text"],
  ["remote_id", "text"],
  ["fence", "integer"],
  ["serial", "integer"],
  ["open_plan", "text"],
  ["open_run", "text"],
  ["settled_to", "seq"],
  ["m", "integer"],
  ["key_signature", "text"],
] as const satisfies Columns;

/** Columns of one kind, side by side: `text("sync", "m")`. */
const text = (...names: readonly string[]): Columns => names.map((name) => [name, "text"]);
const integer = (...names: readonly string[]): Columns => names.map((name) => [name, "integer"]);

const shared = {
  meta: [...integer("ledger_version"), ...text("project", "environment", "engine_version"), ...integer("fence")],
  mappings: [...text("sync"), ...integer("m"), ...text("hash", "definition"), ...integer("created_at")],
  definitions: [...text("hash", "kind", "name", "definition"), ...integer("created_at")],
  plans: [...text("plan"), ...integer("created_at", "expires_at"), ...text("config_hash", "document", "used_by")],
  jobs: [...text("sync", "batch", "checkpoint"), ...integer("since")],
  accounts: [...text("sync", "account", "run_id"), ...integer("at")],
  remote_stats: [...text("sync"), ...integer("at", "size_low", "size_high"), ["match_rate", "share"]],
  changes: [
    ...text("run_id", "plan", "sync", "k"),
    ["seq", "seq"],
    ...integer("part"),
    ...text("op", "status", "code", "message"),
    ...integer("at"),
  ],
  runs: [
    ...text("run_id"),
    ...integer("started_at", "finished_at"),
    ...text("status"),
    ...integer("exit"),
    ...text("document"),
  ],
  sync_runs: [
    ...text("run_id", "sync", "status"),
    ...integer("at", "people", "added", "updated", "removed", "rejected"),
    ...text("definition", "error"),
  ],
  operations: [...text("run_id", "sync", "operation", "actor", "reason"), ...integer("rows", "at")],
} as const satisfies Readonly<Record<string, Columns>>;

export type SharedTable = keyof typeof shared;

/** Shared tables whose `sync` is a sync's internal id: they go where its ledger goes. */
export const tablesById = ["mappings", "jobs", "remote_stats", "accounts"] as const;

/** Where a ledger stands: its schema and how names are quoted. */
export interface Ledger {
  readonly dialect: Dialect;
  /** Qualified schema, e.g. `["shop", "millrace"]`. */
  readonly schema: readonly string[];
  /** The tables of a sync that nothing was sent of yet, and that nobody makes: relations without rows stand for them. */
  readonly empty?: boolean;
}

export const sharedTable = (ledger: Ledger, name: SharedTable): string =>
  ledger.dialect.relation(...ledger.schema, name);
export const sentTable = (ledger: Ledger, id: string): string =>
  ledger.empty === true ? withoutRows(ledger, sentColumns) : ledger.dialect.relation(...ledger.schema, `sent__${id}`);
export const stateTable = (ledger: Ledger, id: string): string =>
  ledger.dialect.relation(...ledger.schema, `state__${id}`);
export const rejectionsTable = (ledger: Ledger, id: string): string =>
  ledger.empty === true
    ? withoutRows(ledger, rejectionColumns)
    : ledger.dialect.relation(...ledger.schema, `rejections__${id}`);

type Typed = readonly (readonly [name: string, type: string])[];

/** Columns and types of one of a sync's tables. */
export function syncColumns(ledger: Ledger, kind: "sent" | "rejections" | "state"): Typed {
  return typed(ledger, { sent: sentColumns, rejections: rejectionColumns, state: stateColumns }[kind]);
}

/** Columns and types of a shared table, null for a name that is none. */
export function sharedColumns(ledger: Ledger, table: string): Typed | null {
  return Object.hasOwn(shared, table) ? typed(ledger, shared[table as SharedTable]) : null;
}

function typed({ dialect }: Ledger, columns: Columns): Typed {
  const { types } = wordsOf(dialect);
  return columns.map(([name, kind]) => [name, types[kind]]);
}

function withoutRows(ledger: Ledger, columns: Columns): string {
  const cells = typed(ledger, columns).map(([name, type]) => `CAST(NULL AS ${type}) AS ${ledger.dialect.quote(name)}`);
  return `(SELECT ${cells.join(", ")} FROM ${wordsOf(ledger.dialect).oneRow} z WHERE 1 = 0)`;
}

const columnList = (ledger: Ledger, columns: Columns): string =>
  typed(ledger, columns)
    .map(([name, type]) => `${ledger.dialect.quote(name)} ${type}`)
    .join(", ");

/** Statements that make the ledger's schema and its shared tables where they are missing. */
export function createLedger(ledger: Ledger): readonly string[] {
  return [`CREATE SCHEMA IF NOT EXISTS ${ledger.dialect.relation(...ledger.schema)}`, ...createShared(ledger, [])];
}

/** Statements that make the shared tables beside those that are there. */
export function createShared(ledger: Ledger, there: readonly string[]): readonly string[] {
  const { createTable } = wordsOf(ledger.dialect);
  return Object.entries(shared)
    .filter(([name]) => !there.includes(name))
    .map(([name, columns]) => createTable(sharedTable(ledger, name as SharedTable), columnList(ledger, columns)));
}

/** Statements that make one sync's tables where they are missing; the state row is made by ./state.ts. */
export function createSyncTables(ledger: Ledger, id: string): readonly string[] {
  const { createTable } = wordsOf(ledger.dialect);
  return [
    createTable(sentTable(ledger, id), columnList(ledger, sentColumns), ledger.dialect.quote("k")),
    createTable(rejectionsTable(ledger, id), columnList(ledger, rejectionColumns)),
    createTable(stateTable(ledger, id), columnList(ledger, stateColumns)),
  ];
}
