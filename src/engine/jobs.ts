/**
 * Jobs at a platform that outlive the run that began them: what a destination asked to be remembered with `checkpoint`.
 *
 * A job is known by the digest of its batch's changes, not by the batch's id: rows of a `set` object that are in doubt are
 * planned anew, and the same changes in the same order are the same job. It is offered to the next plan alone: closing that
 * plan forgets it, so a body that returns later (A, B, A) never takes an old job's word for a new one.
 */
import type { Json } from "../core.ts";
import { sharedTable, type Ledger } from "../ledger/tables.ts";
import type { DeliveryRecord } from "./records.ts";

export interface Job {
  readonly digest: string;
  readonly state: Json;
  /** When it was last heard of, milliseconds. */
  readonly at: number;
}

/** Of a plan's records: the jobs of batches whose fate is not known. */
export function openJobs(records: Iterable<DeliveryRecord>): readonly Job[] {
  const open = new Map<string, Job>();
  const answered = new Set<string>();
  for (const record of records) {
    if (record.t === "c") open.set(record.b, { digest: record.d, state: record.state, at: record.at });
    // Unsent: polling was cut off before the job's end, or the batch was refused and cut smaller.
    const over = record.t === "v" && (record.c === "halved" || (record.s !== "unknown" && record.s !== "unsent"));
    if (over) answered.add(record.b);
    if (record.t === "r" && record.rows.every(([, status]) => status !== "unknown")) answered.add(record.b);
  }
  return [...open].filter(([batch]) => !answered.has(batch)).map(([, job]) => job);
}

/** The statements that put these in the place of all jobs known of the sync (by its internal id). */
export function keepJobs(ledger: Ledger, id: string, jobs: readonly Job[]): readonly string[] {
  const { literal } = ledger.dialect;
  const table = sharedTable(ledger, "jobs");
  const rows = jobs.map(
    ({ digest, state, at }) => `(${literal(id)}, ${literal(digest)}, ${literal(JSON.stringify(state))}, ${at})`,
  );
  return [
    `DELETE FROM ${table} WHERE sync = ${literal(id)}`,
    ...(rows.length === 0 ? [] : [`INSERT INTO ${table} VALUES ${rows.join(", ")}`]),
  ];
}
