import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodePorts } from "../../src/engine/node-ports.ts";

const { files, clock, random } = nodePorts();
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe("node's files", () => {
  let folder = "";
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "ports-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("are private whatever the umask, and nothing is left beside them (S11)", async () => {
    const before = process.umask(0);
    try {
      await files.writeAtomic(join(folder, "a", "b", "one"), "1");
      expect(await files.createExclusive(join(folder, "a", "two"), "2")).toBe(true);
      await (await files.open(join(folder, "a", "three"))).close();
    } finally {
      process.umask(before);
    }
    const paths = ["a", "a/b", "a/b/one", "a/two", "a/three"].map((name) => join(folder, name));
    expect(await Promise.all(paths.map(mode))).toEqual(["700", "700", "600", "600", "600"]);
    expect([await files.list(join(folder, "a")), await files.list(join(folder, "a", "b"))]).toEqual([
      ["b", "three", "two"],
      ["one"],
    ]);
  });

  it("exclusive creation has one winner, whose content nobody ever sees half", async () => {
    const path = join(folder, "lock");
    const won = await Promise.all(Array.from({ length: 8 }, (_, n) => files.createExclusive(path, String(n))));
    expect(won.filter(Boolean).length).toBe(1);
    expect(won[Number(await readFile(path, "utf8"))]).toBe(true);
    expect(await files.list(folder)).toEqual(["lock"]);
  });

  it("are never appended to through a symbolic link; an atomic write replaces the link, not its target", async () => {
    const target = join(folder, "target");
    await writeFile(target, "mine");
    await symlink(target, join(folder, "link"));
    await expect(files.open(join(folder, "link"))).rejects.toThrow("ELOOP");
    await files.writeAtomic(join(folder, "link"), "new");
    expect([await readFile(target, "utf8"), await readFile(join(folder, "link"), "utf8")]).toEqual(["mine", "new"]);
  });

  it("that are absent read as null, list as nothing and may be removed", async () => {
    expect([
      await files.read(join(folder, "x")),
      await files.list(join(folder, "x")),
      await files.realPath?.(join(folder, "x")),
    ]).toEqual([null, [], null]);
    await files.remove(join(folder, "x"));
  });
});

describe("node's clock and random numbers", () => {
  it("a sleep ends with its signal", async () => {
    await expect(clock.sleep(60_000, AbortSignal.abort())).rejects.toThrow();
  });

  it("random numbers stand in [0, 1), hex has the asked length", () => {
    const values = Array.from({ length: 1000 }, () => random.next());
    expect(values.every((value) => value >= 0 && value < 1) && new Set(values).size > 990).toBe(true);
    expect(random.hex(6)).toMatch(/^[0-9a-f]{12}$/);
  });
});
