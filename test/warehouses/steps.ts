/** What a run asks a warehouse for, step by step: each statement by what it is for, a transaction as one. */
import type { Asked } from "./emulators/tap.ts";

/** In order: the first that fits names the statement. Names are compared in lower case, without quotes. */
const kinds: readonly (readonly [kind: string, fits: RegExp])[] = [
  // Its heartbeats, and how far a run may send.
  ["renewal", /^update \S+\.millrace\.lock\b.* and not broken$/],
  ["lock", /\b(from|update|table if not exists) \S+\.millrace\.lock\b/],
  ["settings", /^alter session/],
  ["tables", /information_schema\.tables/],
  ["knowledge", /^select 'meta' as about/],
  ["schemas", /^create schema|information_schema\.schemata/],
  ["audience", /^create or replace .*table \S+_scratch\.audience__/],
  ["plan", /^create or replace .*table \S+_scratch\.plan__/],
  [
    "lent",
    /^create or replace .*table \S+_scratch\.lent__|^create table \S+_scratch\S* like|^(begin ; )?insert into \S+_scratch\.|^drop table if exists \S+__append_/,
  ],
  ["read", /\bas measured from\b/],
  ["drop", /^drop table if exists \S+_scratch\./],
  ["ledger", /^create (transient )?table if not exists \S+\.millrace\.|^insert into \S+\.(meta|state__\w+) /],
  ["target", /^update \S+\.state__\w+ set remote_id/],
  ["open", /^begin.*\bset open_plan = '/],
  ["settle", /^begin.*\bset open_plan = null/],
  ["record", /^begin.*\binsert into \S+\.runs /],
];

export interface Step {
  readonly kind: string;
  /** Statements within it: of a transaction as many as it holds. */
  readonly statements: number;
  readonly sql: string;
}

/** What was run, in order; statements whose columns or cost alone were asked are not among it. */
export function stepsOf(asked: readonly Asked[]): readonly Step[] {
  const steps: Step[] = [];
  // Heartbeats of the lock have a connection of their own, and may come in between.
  const ran = asked.filter(({ look }) => !look).map(({ sql }) => plain(sql));
  const isLock = (sql: string): boolean => ["lock", "renewal"].includes(kindOf(sql));
  for (const sql of ran.filter(isLock)) steps.push({ kind: kindOf(sql), statements: 1, sql });
  let open: string[] | null = null;
  for (const sql of ran.filter((one) => !isLock(one))) {
    if (sql === "begin") open = [sql];
    else if (open === null) steps.push({ kind: kindOf(sql), statements: sql.split(" ; ").length, sql });
    else open.push(sql);
    if (sql !== "commit" || open === null) continue;
    steps.push({ kind: kindOf(open.join(" ; ")), statements: open.length, sql: open.join(" ; ") });
    open = null;
  }
  return steps;
}

/** How many steps there are of each kind. */
export function countsOf(steps: readonly Step[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of steps) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const plain = (sql: string): string => sql.replaceAll(/\s+/g, " ").replaceAll(/[`"]/g, "").trim().toLowerCase();
const kindOf = (sql: string): string => kinds.find(([, fits]) => fits.test(sql))?.[0] ?? `other: ${sql.slice(0, 160)}`;
