import { dirname } from "node:path";
import type { Files } from "../../src/ports.ts";

export interface MemoryFiles extends Files {
  readonly content: Map<string, Buffer>;
  /** Calls of AppendFile.sync so far. */
  syncs: number;
  /** Thrown by the next calls of that name, by errno code. */
  readonly failing: Map<"append" | "sync" | "writeAtomic", string>;
}

/** Files in a Map; faults are set by the test. */
export function memoryFiles(): MemoryFiles {
  const content = new Map<string, Buffer>();
  const failing: MemoryFiles["failing"] = new Map();
  const fail = (name: "append" | "sync" | "writeAtomic"): void => {
    const code = failing.get(name);
    if (code) throw Object.assign(new Error(`${code}: injected`), { code });
  };
  const files: MemoryFiles = {
    content,
    failing,
    syncs: 0,
    read: async (path) => content.get(path) ?? null,
    async writeAtomic(path, text) {
      fail("writeAtomic");
      content.set(path, Buffer.from(text));
    },
    async createExclusive(path, text) {
      if (content.has(path)) return false;
      content.set(path, Buffer.from(text));
      return true;
    },
    async rename(from, to) {
      const moved = content.get(from);
      if (!moved) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      content.delete(from);
      content.set(to, moved);
    },
    remove: async (path) => void content.delete(path),
    list: async (folder) =>
      [...content.keys()]
        .filter((path) => dirname(path) === folder)
        .map((path) => path.slice(folder.length + 1))
        .toSorted(),
    async open(path) {
      return {
        async append(bytes) {
          fail("append");
          content.set(path, Buffer.concat([content.get(path) ?? Buffer.alloc(0), bytes]));
        },
        async sync() {
          fail("sync");
          files.syncs += 1;
        },
        close: async () => undefined,
      };
    },
  };
  return files;
}
