import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { archiveJournal, openJournal, readJournal } from "../../src/ledger/journal.ts";
import { memoryFiles, type MemoryFiles } from "./memory-files.ts";

const header = { plan: "7f3c2a", sync: "vip_to_meta", fence: 3, serial: 12 };
const records = [
  { intent: "b1", from: 1, to: 100 },
  { verdict: "b1", status: "accepted" },
  { intent: "b2", note: "é, 日本, \n, \u2028" },
];
const path = "/p/.millrace/journal";

async function written(files: MemoryFiles): Promise<Buffer> {
  const journal = await openJournal(files, path, header);
  await journal.commit(records);
  await journal.close();
  return files.content.get(path) as Buffer;
}

describe("journal", () => {
  it("gives back what was written", async () => {
    const files = memoryFiles();
    const { length } = await written(files);
    expect(await readJournal(files, path)).toEqual({
      header: { ...header, format: 1 },
      records,
      torn: false,
      cutAt: length,
    });
    expect([...files.content.keys()]).toEqual([path]);
  });

  it("is null when there is none", async () => {
    expect(await readJournal(memoryFiles(), path)).toBeNull();
  });

  it("knows every truncation: a clean end, a torn tail or damage, never a first run", async () => {
    const files = memoryFiles();
    const content = await written(files);
    const ends = [...content.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1);
    for (let length = 0; length < content.length; length += 1) {
      files.content.set(path, content.subarray(0, length));
      const sound = ends.filter((end) => end <= length).length;
      if (sound === 0) {
        await expect(readJournal(files, path)).rejects.toThrow("E503");
        continue;
      }
      expect(await readJournal(files, path)).toEqual({
        header: { ...header, format: 1 },
        records: records.slice(0, sound - 1),
        torn: !ends.includes(length),
        cutAt: ends[sound - 1],
      });
    }
  });

  it("detects every flipped bit: damage, or in the last record a torn tail", async () => {
    const files = memoryFiles();
    const content = await written(files);
    const lastRecord = content.lastIndexOf(10, -2) + 1;
    for (let at = 0; at < content.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(content);
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        files.content.set(path, flipped);
        // The line feed before the last record belongs to the record before: both are lost, as by a torn write.
        if (at < lastRecord - 1)
          await expect(readJournal(files, path), `byte ${at} bit ${bit}`).rejects.toThrow("E503");
        else expect((await readJournal(files, path))?.torn, `byte ${at} bit ${bit}`).toBe(true);
      }
    }
  });

  it.each([
    ["zeros", Buffer.alloc(4096)],
    ["half a record", Buffer.from('17 0badc0de {"intent"')],
    ["lines of noise", Buffer.from("12 0 {}\n\n\nxx\n")],
    ["a record with a wrong sum", Buffer.from("2 00000000 {}\n")],
  ])("cuts a tail of %s and goes on behind the last sound record", async (_, garbage) => {
    const files = memoryFiles();
    const content = await written(files);
    files.content.set(path, Buffer.concat([content, garbage]));
    expect(await readJournal(files, path)).toMatchObject({ torn: true, cutAt: content.length });
    const journal = await openJournal(files, path, header);
    await journal.commit([{ verdict: "b2" }]);
    expect(await readJournal(files, path)).toMatchObject({
      records: [...records, { verdict: "b2" }],
      torn: false,
    });
  });

  it("refuses the journal of another plan and of a newer version", async () => {
    const files = memoryFiles();
    await written(files);
    await expect(openJournal(files, path, { ...header, plan: "8e11" })).rejects.toThrow("E507");
    const { encodeRecord } = await import("../../src/ledger/journal-format.ts");
    files.content.set(path, Buffer.from(encodeRecord({ ...header, format: 2 })));
    await expect(readJournal(files, path)).rejects.toThrow("E506");
  });

  it("keeps the order of appends and shares one fsync among many callers", async () => {
    const files = memoryFiles();
    const journal = await openJournal(files, path, header);
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        void journal.append([{ n }]);
        await journal.sync();
      }),
    );
    expect(files.syncs).toBe(1);
    expect((await readJournal(files, path))?.records).toEqual(Array.from({ length: 200 }, (_, n) => ({ n })));
  });

  it("does not let a later caller ride on an fsync that began before its append", async () => {
    const files = memoryFiles();
    const journal = await openJournal(files, path, header);
    const first = journal.commit([{ n: 1 }]);
    while (files.syncs === 0) await Promise.resolve();
    await journal.commit([{ n: 2 }]);
    await first;
    expect(files.syncs).toBe(2);
  });

  it("refuses everything after a failed fsync, although the next would succeed", async () => {
    const files = memoryFiles();
    const journal = await openJournal(files, path, header);
    files.failing.set("sync", "EIO");
    await expect(journal.commit([{ n: 1 }])).rejects.toThrow("E504");
    files.failing.clear();
    await expect(journal.append([{ n: 2 }])).rejects.toThrow("E504");
    await expect(journal.sync()).rejects.toThrow("E504");
  });

  it("on a full disk refuses intents and writes verdicts into the reserve", async () => {
    const files = memoryFiles();
    const journal = await openJournal(files, path, header);
    const remove = files.remove;
    files.remove = async (gone) => {
      await remove(gone);
      if (gone.endsWith(".reserve")) files.failing.delete("append");
    };
    files.failing.set("append", "ENOSPC");
    await expect(journal.commit([{ intent: "b9" }])).rejects.toThrow("E505");
    expect(journal.full).toBe(true);
    void journal.append([{ intent: "b10" }]);
    await expect(journal.sync()).rejects.toThrow("E505");
    await journal.commit([{ verdict: "b8" }], { verdict: true });
    expect((await readJournal(files, path))?.records).toEqual([{ verdict: "b8" }]);
  });

  it("does not start on a full disk", async () => {
    const files = memoryFiles();
    files.failing.set("writeAtomic", "ENOSPC");
    await expect(openJournal(files, path, header)).rejects.toThrow("E505");
  });
});

describe("journal on a real disk", () => {
  const { files } = nodePorts();
  let folder = "";
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "journal-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("appends fast, unsynced: over 100,000 records a second on an idle machine", async () => {
    const file = join(folder, "deep", "journal");
    const journal = await openJournal(files, file, header);
    const batch = Array.from({ length: 100 }, (_, n) => ({
      verdict: "b",
      seq: n,
      status: "accepted",
    }));
    const started = performance.now();
    for (let n = 0; n < 1000; n += 1) await journal.append(batch);
    const rate = 100_000 / ((performance.now() - started) / 1000);
    await journal.close();
    expect((await readJournal(files, file))?.records.length).toBe(100_000);
    expect(rate).toBeGreaterThan(30_000);
  });

  it("is private to its owner, and archived beside", async () => {
    const file = join(folder, "deep", "journal");
    const journal = await openJournal(files, file, header);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "deep"))).mode & 0o777).toBe(0o700);
    await journal.close();
    await archiveJournal(files, file, `${file}.old`);
    expect(await files.list(join(folder, "deep"))).toEqual(["journal.old"]);
  });
});
