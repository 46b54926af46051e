import type { Files } from "../ports.ts";

/** What tells one process from every other that ever had its pid. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Inode of `/proc/self/ns/pid`; empty where there is none, then nothing is ever proved. */
  readonly pidNamespace: string;
  readonly bootId: string;
  /** Clock ticks between boot and the start of the process. */
  readonly processStart: string;
}

/**
 * Is there proof that the process is gone? Only inside one pid namespace of one boot: two containers of a machine
 * share the boot id, have a pid 1 each and cannot see each other (R24).
 */
export async function provenDead(files: Files, owner: ProcessIdentity, self: ProcessIdentity): Promise<boolean> {
  if (owner.pidNamespace === "" || owner.bootId === "" || owner.processStart === "") return false;
  if (owner.pidNamespace !== self.pidNamespace || owner.bootId !== self.bootId) return false;
  const stat = await readProcessStat(files, owner.pid);
  return stat === null || stat.dead || stat.start !== owner.processStart;
}

/** State and start of a process; null when there is none (or no /proc). */
export async function readProcessStat(
  files: Files,
  pid: number,
): Promise<{ readonly start: string; readonly dead: boolean } | null> {
  const bytes = await readGone(files, `/proc/${pid}/stat`);
  if (!bytes) return null;
  // The command's name, in brackets, may hold spaces and brackets: fields count from behind the last one (proc(5)).
  const text = Buffer.from(bytes).toString("latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { start: fields[19] ?? "", dead: fields[0] === "Z" || fields[0] === "X" };
}

/** A process may end between open and read: ESRCH is "gone" as well. */
async function readGone(files: Files, path: string): Promise<Uint8Array | null> {
  try {
    return await files.read(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return null;
    throw error;
  }
}
