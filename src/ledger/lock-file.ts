import { basename, dirname, join } from "node:path";
import type { Json } from "../core.ts";
import { failure } from "../errors.ts";
import type { Files } from "../ports.ts";

/**
 * Who holds an environment. Written once, when the lock is taken; what changes afterwards (lease, horizons) stands
 * in a file of this holder alone (`<lock>.<fence>.<run>`), so that a holder who was paused and wakes up after a
 * takeover can overwrite nothing of the new one's (R22).
 */
export interface LockContent {
  readonly format: 1;
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  /** Inode of the pid namespace, boot id and start of the process: the proof that a pid is still the same one (R24). */
  readonly pidNamespace: string;
  readonly bootId: string;
  readonly processStart: string;
  readonly command: string;
  readonly runId: string;
  readonly fence: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly aliveAt: number;
  readonly leaseUntil: number;
  /** How long after the end of the lease a request may still be under way. */
  readonly requestDeadlineMs: number;
  readonly horizons: Horizons;
  /** A person freed it (`state unlock`): the next run takes it over at once, with its horizons. */
  readonly broken?: boolean;
}

/** Sync -> rows with a seq up to this one may have been sent for that plan (R7). */
export type Horizons = Readonly<Record<string, { readonly plan: string; readonly seq: number }>>;

/** What the holder rewrites while it works. */
export interface LockPulse {
  readonly runId: string;
  readonly fence: number;
  readonly aliveAt: number;
  readonly leaseUntil: number;
  readonly horizons: Horizons;
}

export const pulsePath = (path: string, lock: { readonly fence: number; readonly runId: string }): string =>
  `${path}.${lock.fence}.${lock.runId.replaceAll(/[^\w.-]/g, "_")}`;

/** Only one can take a stale lock over: who creates this file. */
export const claimPath = (path: string, fence: number): string => `${path}.after-${fence}`;

/** The lock as it is now, lease and horizons of its holder included; null when nobody holds it. */
export async function readLock(files: Files, path: string): Promise<LockContent | null> {
  const lock = await readLockFile(files, path);
  if (!lock) return null;
  const pulse = await readJson<LockPulse>(files, pulsePath(path, lock));
  if (!pulse || pulse.runId !== lock.runId) return lock;
  return {
    ...lock,
    aliveAt: pulse.aliveAt,
    leaseUntil: pulse.leaseUntil,
    horizons: { ...lock.horizons, ...pulse.horizons },
  };
}

/** The lock file alone; throws E508 when it cannot be read. */
export async function readLockFile(files: Files, path: string): Promise<LockContent | null> {
  const lock = await readJson<LockContent>(files, path);
  if (!lock) return null;
  if (typeof lock.fence !== "number" || typeof lock.runId !== "string") throw unreadable(path);
  return { ...withDefaults, ...lock };
}

/** Every horizon that is known, the youngest holder's word first: also of holders that died while taking over. */
export async function readHorizons(files: Files, path: string, lock: LockContent): Promise<Horizons> {
  const pulses: LockPulse[] = [];
  for (const name of await files.list(dirname(path))) {
    if (!isPulse(path, name)) continue;
    const pulse = await readJson<LockPulse>(files, join(dirname(path), name));
    if (pulse) pulses.push(pulse);
  }
  const oldestFirst = pulses.toSorted((one, other) => one.fence - other.fence);
  return Object.assign({}, lock.horizons, ...oldestFirst.map(({ horizons }) => horizons)) as Horizons;
}

/** Removes what earlier holders and their rivals left behind. */
export async function removeLeftovers(files: Files, path: string, except: string): Promise<void> {
  for (const name of await files.list(dirname(path))) {
    const leftover = isPulse(path, name) || name.startsWith(basename(claimPath(path, 0)).slice(0, -1));
    if (leftover && name !== basename(except)) await files.remove(join(dirname(path), name));
  }
}

/** Frees the lock of that run (its id or the part behind the last dash) and of no other; false when it does not hold it. */
export async function breakLock(files: Files, path: string, runId: string): Promise<boolean> {
  const lock = await readLockFile(files, path);
  if (!lock || lock.broken || (lock.runId !== runId && shortRun(lock.runId) !== runId)) return false;
  await files.writeAtomic(path, JSON.stringify({ ...lock, broken: true } satisfies LockContent));
  return true;
}

export const shortRun = (runId: string): string => runId.slice(runId.lastIndexOf("-") + 1);

const isPulse = (path: string, name: string): boolean =>
  name.startsWith(`${basename(path)}.`) && /^\d+\./.test(name.slice(basename(path).length + 1));

/** For locks written by hand or by another version: nothing can be proved about them, only their lease counts. */
const withDefaults = {
  format: 1,
  holder: "unknown",
  host: "",
  pid: 0,
  pidNamespace: "",
  bootId: "",
  processStart: "",
  command: "",
  since: 0,
  aliveAt: 0,
  leaseUntil: 0,
  requestDeadlineMs: 0,
  horizons: {},
} as const;

async function readJson<T extends object>(files: Files, path: string): Promise<T | null> {
  const bytes = await files.read(path);
  if (!bytes) return null;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as Json;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as unknown as T;
  } catch {
    // Falls through: broken text and a wrong shape are the same to the user.
  }
  throw unreadable(path);
}

const unreadable = (path: string): Error =>
  failure("E508", `the lock ${path} cannot be read`, {
    hint: "if no run of this environment is alive anywhere, remove the file; rows sent by a crashed run may then be sent again",
  });
