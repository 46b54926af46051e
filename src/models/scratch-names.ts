/** Names of tables that belong to one command: each tells when it was made, so that what a dead one left is found. */
import { randomUUID } from "node:crypto";

const minute = 60_000;
const dayMs = 86_400_000;

/** What a command adds to the names of its tables; `now` in milliseconds. */
export const scratchMark = (now: number): string =>
  `__t${Math.floor(now / minute).toString(36)}_${randomUUID().slice(0, 8)}`;

/** Is it the name of a table that a command made more than a day before `now`? */
export function isOldScratch(name: string, now: number): boolean {
  const made = /__t([0-9a-z]+)_[0-9a-f]{8}$/.exec(name)?.[1];
  return made !== undefined && Number.parseInt(made, 36) * minute < now - dayMs;
}
