import { randomBytes } from "node:crypto";
import {
  constants,
  link,
  mkdir,
  open,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import type { AppendFile, Clock, Files, Ports, Random } from "../ports.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Node's clock, random numbers and files: the ports of production. */
export function nodePorts(): Ports {
  return { clock: nodeClock, random: nodeRandom, files: nodeFiles };
}

const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  /** Rejects with the signal's reason when it is aborted. Timers above 2^31 ms fire at once in Node: waits are cut to a day. */
  sleep: (ms, signal) => timer(Math.min(Math.max(0, ms), 86_400_000), undefined, signal ? { signal } : {}),
};

const nodeRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  hex: (bytes) => randomBytes(bytes).toString("hex"),
};

const nodeFiles: Files = {
  read: (path) => unless("ENOENT", null, () => readFile(path)),

  async writeAtomic(path, content, mode = 0o600) {
    await makeFolder(dirname(path));
    const beside = await writeBeside(path, content, mode);
    await orRemove(beside, () => rename(beside, path));
    await syncFolder(dirname(path));
  },

  /** By hard link, so that nobody ever reads a half-written file; by O_EXCL where the file system has no links. */
  async createExclusive(path, content) {
    await makeFolder(dirname(path));
    const beside = await writeBeside(path, content, 0o600);
    try {
      const created = await linkOrCreate(beside, path, content);
      if (created) await syncFolder(dirname(path));
      return created;
    } finally {
      await rm(beside, { force: true });
    }
  },

  async rename(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
    if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
  },

  async remove(path) {
    await rm(path, { force: true });
    await unless("ENOENT", undefined, () => syncFolder(dirname(path)));
  },

  list: (folder) => unless("ENOENT", [], async () => (await readdir(folder)).toSorted()),

  async open(path) {
    await makeFolder(dirname(path));
    return appendFile(await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600));
  },

  realPath: (path) => unless("ENOENT", null, () => realpath(path)),
};

function appendFile(handle: FileHandle): AppendFile {
  let size: number | undefined;
  return {
    /** All or nothing as far as the disk allows: what a failing write left behind is cut off again. */
    async append(content) {
      size ??= (await handle.stat()).size;
      try {
        for (let done = 0; done < content.length;) {
          const { bytesWritten } = await handle.write(content, done, content.length - done);
          done += bytesWritten;
        }
        size += content.length;
      } catch (error) {
        await handle.truncate(size).catch(() => undefined);
        size = undefined;
        throw error;
      }
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function writeBeside(path: string, content: string | Uint8Array, mode: number): Promise<string> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  await orRemove(beside, async () => {
    const handle = await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      await named(path, async () => {
        await handle.writeFile(content);
        await handle.sync();
      });
    } finally {
      await handle.close();
    }
  });
  return beside;
}

async function linkOrCreate(beside: string, path: string, content: string): Promise<boolean> {
  try {
    await link(beside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error))) throw error;
  }
  return await unless("EEXIST", false, async () => {
    const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** A rename is durable only when its folder is: errors are fatal like those of a file. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orRemove(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** What fails on an open file does not say which one; whoever is told of it wants to know. */
async function named(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

async function unless<T>(code: string, instead: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === code) return instead;
    throw error;
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");
