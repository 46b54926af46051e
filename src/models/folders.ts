import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { exitCodes, failure } from "../errors.ts";
import { duckdbOf } from "../project/duckdb-spec.ts";
import type { Project } from "../project/project.ts";

export interface Folders {
  /** `.millrace`, or null for an environment that lives in memory. */
  readonly state: string | null;
  /** Of this session only: DuckDB's spill files have the same names in every process. */
  readonly spill: string;
}

/** Does the ledger outlive a command? Not in an environment of DuckDB in memory. */
export const ledgerLasts = (project: Project): boolean => duckdbOf(project).path !== ":memory:";

/** `.millrace/<environment>.duckdb`, or null where the ledger lives in memory or in another warehouse. */
export function ledgerPath(project: Project): string | null {
  if (!ledgerLasts(project) || project.environment.warehouse.type !== "duckdb") return null;
  return path.join(project.root, ".millrace", `${project.environment.name}.duckdb`);
}

/** Makes the folders of a session, for their owner only, and clears what killed sessions spilled. */
export async function makeFolders(project: Project): Promise<Folders> {
  if (!ledgerLasts(project)) return { state: null, spill: await mkdtemp(path.join(os.tmpdir(), "millrace-spill-")) };
  const state = path.join(project.root, ".millrace");
  const tmp = path.join(state, "tmp");
  await mkdir(tmp, { recursive: true, mode: 0o700 });
  await clearSpills(tmp);
  return { state, spill: await mkdtemp(path.join(tmp, `spill-${process.pid}-`)) };
}

const hour = 3_600_000;

/** Removes spill folders of processes that are gone. Younger ones stay: a process of another container may own them. */
async function clearSpills(tmp: string): Promise<void> {
  for (const name of await readdir(tmp)) {
    const pid = Number(/^spill-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const folder = path.join(tmp, name);
    const age = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > hour) await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Ledger files this process has open for writing: DuckDB's file lock keeps other processes out, not a second instance here. */
const written = new Set<string>();

/** Claims a file for writing in this process; E501 when it is claimed. Gives what releases it. */
export function claim(file: string): () => void {
  if (written.has(file))
    throw failure("E501", `${file} is held by this process`, {
      exit: exitCodes.locked,
      hint: "one session writes at a time",
    });
  written.add(file);
  return () => void written.delete(file);
}
