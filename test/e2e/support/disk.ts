import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own in memory, on which the space really ends. */
export interface Disk {
  /** Takes all space but so many bytes (whole pages). */
  fill(leave?: number): void;
  /** Gives back what `fill` took. */
  free(): void;
  close(): void;
}

/** Mounts a tmpfs of `bytes` at a folder, which is made; only where {@link cannotMount} is null. */
export function mountDisk(folder: string, bytes: number): Disk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problem = mount(folder, bytes);
  if (problem !== null) throw new Error(problem);
  const ballast = join(folder, ".ballast");
  return {
    fill(leave = 0) {
      const { bavail, bsize } = statfsSync(folder);
      const page = Buffer.alloc(bsize);
      const file = openSync(ballast, "a");
      try {
        for (let left = bavail; left * bsize > leave; left -= 1) writeSync(file, page);
      } catch (error) {
        // The run under test writes too: it may take the last pages first, and then the disk is full all the same.
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    close: () => void spawnSync("umount", [folder]),
  };
}

/** Why no file system can be mounted here, or null. */
export const cannotMount: string | null = (() => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-mount-"));
  const problem = mount(folder, 1 << 16);
  if (problem === null) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
  return problem;
})();

function mount(folder: string, bytes: number): string | null {
  const { status, stderr, error } = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${bytes},mode=700`,
    "tmpfs",
    folder,
  ]);
  if (status === 0) return null;
  return `no tmpfs can be mounted: ${error?.message ?? String(stderr).trim()}`;
}
