/**
 * Members histories (R42, decision 48): who was in an audience, from when until when. They say nothing about what was
 * sent. Relations and queries come as SQL text; `k` is the key text.
 */
import type { Dialect } from "../warehouse/warehouse.ts";
import { derived } from "./key.ts";
import { wordsOf } from "./words.ts";

/** The table of an audience's history; its schema is the ledger's. */
export function membersTable(audience: string): string {
  return `members__${audience}`;
}

/** One row per stay: `left_at` and `left_run` are NULL while it lasts. */
export function createMembers(dialect: Dialect, relation: string): string {
  const { text, instant } = wordsOf(dialect).types;
  return `CREATE TABLE IF NOT EXISTS ${relation} (k ${text} NOT NULL, entered_at ${instant} NOT NULL, entered_run ${text} NOT NULL, left_at ${instant}, left_run ${text})`;
}

/**
 * Closes the stays of those who are gone and opens one for each who is new; run both in one transaction. Again with the
 * same members changes nothing, so a run that is repeated after a crash writes each stay once.
 */
export function advanceMembers(
  dialect: Dialect,
  relation: string,
  members: string,
  run: { readonly id: string; readonly at: number },
): readonly [close: string, open: string] {
  const [id, at] = [dialect.literal(run.id), dialect.timestamp(run.at)];
  const { text, instant } = wordsOf(dialect).types;
  return [
    `UPDATE ${relation} SET left_at = ${at}, left_run = ${id} WHERE left_at IS NULL AND k NOT IN (SELECT k FROM ${derived(members, "m")} WHERE k IS NOT NULL)`,
    `INSERT INTO ${relation} (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, ${at}, ${id}, CAST(NULL AS ${instant}), CAST(NULL AS ${text}) FROM ${derived(members, "m")} WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM ${relation} WHERE left_at IS NULL)`,
  ];
}

/** Those who are in now, by the history. */
export function currentMembersQuery(relation: string): string {
  return `SELECT k FROM ${relation} WHERE left_at IS NULL`;
}

/** The stays of one person, oldest first: `entered_at, entered_run, left_at, left_run`. */
export function staysQuery(dialect: Dialect, relation: string, k: string): string {
  return `SELECT entered_at, entered_run, left_at, left_run FROM ${relation} WHERE k = ${dialect.literal(k)} ORDER BY entered_at`;
}

/** One row `before_count, now_count, enter_count, leave_count` between two queries of `k`; no previous members are none. */
export function membersDelta(dialect: Dialect, previous: string | null, members: string): string {
  return `SELECT ${countIf("p.k IS NOT NULL", "before_count")}, ${countIf("m.k IS NOT NULL", "now_count")}, ${countIf("p.k IS NULL", "enter_count")}, ${countIf("m.k IS NULL", "leave_count")} FROM ${distinct(dialect, previous, "p")} FULL OUTER JOIN ${distinct(dialect, members, "m")} ON p.k = m.k`;
}

/** What a plan's delta is made of; every query has a column `k`. */
export interface DeltaParts {
  /** Members as of the last run. */
  readonly previous: string | null;
  /** The definition of the last run on today's data. */
  readonly previousDefinition: string;
  /** Today's definition on today's data. */
  readonly current: string;
}

/**
 * One row `enter_edit, enter_data, leave_edit, leave_data`: who enters or leaves because the definition was edited, and
 * who would have without the edit as well.
 */
export function splitDelta(dialect: Dialect, { previous, previousDefinition, current }: DeltaParts): string {
  const enters = "p.k IS NULL AND c.k IS NOT NULL";
  const leaves = "p.k IS NOT NULL AND c.k IS NULL";
  const counts = [
    countIf(`${enters} AND o.k IS NULL`, "enter_edit"),
    countIf(`${enters} AND o.k IS NOT NULL`, "enter_data"),
    countIf(`${leaves} AND o.k IS NOT NULL`, "leave_edit"),
    countIf(`${leaves} AND o.k IS NULL`, "leave_data"),
  ];
  return `SELECT ${counts.join(", ")} FROM ${distinct(dialect, previous, "p")} FULL OUTER JOIN ${distinct(dialect, current, "c")} ON p.k = c.k LEFT JOIN ${distinct(dialect, previousDefinition, "o")} ON o.k = COALESCE(p.k, c.k)`;
}

function countIf(condition: string, name: string): string {
  return `COUNT(CASE WHEN ${condition} THEN 1 END) AS ${name}`;
}

function distinct(dialect: Dialect, query: string | null, alias: string): string {
  if (query === null) return `(${wordsOf(dialect).nobody}) ${alias}`;
  return `(SELECT DISTINCT k FROM ${derived(query, "d")} WHERE k IS NOT NULL) ${alias}`;
}
