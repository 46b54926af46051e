import type { SyncOptions } from "./api.ts";
import type { Judged } from "./document.ts";

/** On a terminal a first run of a real destination is asked about once (decision 9). */
export async function confirmFirstRuns(
  { interactive, confirm }: SyncOptions,
  judged: ReadonlyMap<string, Judged>,
): Promise<ReadonlyMap<string, Judged>> {
  const asking = [...judged].filter(([, { guards }]) => guards.some(({ code, ok }) => code === "G9" && !ok));
  if (!interactive || confirm === undefined || asking.length === 0) return judged;
  const lines = asking.map(([name, { plan }]) => `${name}: ${plan.rows.keyed.toLocaleString("en-US")} rows`);
  if (!(await confirm(`These syncs run for the first time:\n  ${lines.join("\n  ")}\nSend them?`))) return judged;
  return new Map(
    [...judged].map(([name, one]) => [
      name,
      { ...one, guards: one.guards.map((guard) => (guard.code === "G9" ? { ...guard, ok: true } : guard)) },
    ]),
  );
}
