/** What is said when another run holds a lock, or has taken it. */
import { basename } from "node:path";
import { exitCodes, failure, type MillraceError } from "../errors.ts";
import { shortRun, type LockContent } from "./lock-file.ts";

const environmentOf = (path: string): string => basename(path).replace(/\.lock$/, "");

/** E501: who holds it, since when, and what to do. */
export function lockedBy(path: string, lock: LockContent, now: number): MillraceError {
  const since = `${new Date(lock.since).toISOString().slice(11, 19)} (${roughly(now - lock.since)})`;
  const message = [
    `another run is working on ${environmentOf(path)}`,
    `  run ${shortRun(lock.runId)} by ${lock.holder} (pid ${lock.pid}), "${lock.command}", since ${since}, alive ${roughly(now - lock.aliveAt)} ago`,
  ];
  return failure("E501", message.join("\n"), {
    exit: exitCodes.locked,
    hint: `wait for it: --wait 10m    if that machine is gone: millrace state unlock ${shortRun(lock.runId)}`,
  });
}

/** E502: another run took it over. */
export const lost = (path: string, now: LockContent | null): MillraceError =>
  failure(
    "E502",
    `the lock of ${environmentOf(path)} was taken over${now ? ` by run ${shortRun(now.runId)} of ${now.holder}` : ""}; nothing more is sent`,
    {
      exit: exitCodes.locked,
      hint: "this run was paused or unreachable for longer than its lease; the other run settles what it had sent",
    },
  );

/** E502: the lease ran out before it was renewed. */
export const leaseOver = (path: string): MillraceError =>
  failure("E502", `the lease on ${environmentOf(path)} ran out; nothing more is sent`, {
    exit: exitCodes.locked,
    hint: "the process was paused for too long: run the command again",
  });

/** `3 s`, `2 min`, `5 h`, `3 d`; never negative, whatever the clocks say. */
function roughly(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
