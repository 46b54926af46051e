import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { processIdentity } from "../../src/engine/process-identity.ts";
import { acquireLock, breakLock, readLock, type LockContent, type LockOptions } from "../../src/ledger/lock.ts";
import { MillraceError } from "../../src/errors.ts";
import type { Ports } from "../../src/ports.ts";
import { virtualClock, type VirtualClock } from "../engine/virtual-clock.ts";
import { memoryFiles, type MemoryFiles } from "./memory-files.ts";

const path = "/p/.millrace/prod.lock";
const self = { host: "runner-12", pid: 77, pidNamespace: "4026531836", bootId: "boot-1", processStart: "5000" };
const options: LockOptions = {
  ...self,
  holder: "ci@runner-12",
  command: "millrace sync --due",
  runId: "2026-01-05T06-00-00Z-9d1f",
  leaseMs: 120_000,
  requestDeadlineMs: 60_000,
  lastFence: 4,
  waitMs: 0,
};

function world(): {
  ports: Ports & { clock: VirtualClock; files: MemoryFiles };
  alive(pid: number, start: string, state?: string): void;
} {
  const files = memoryFiles();
  const ports = { clock: virtualClock(), random: { next: () => 0.5, hex: () => "ab" }, files };
  return {
    ports,
    alive: (pid, start, state = "S") =>
      void files.content.set(
        `/proc/${pid}/stat`,
        Buffer.from(`${pid} (a) b) ${state} ${Array.from({ length: 18 }, () => "0").join(" ")} ${start} 0 0`),
      ),
  };
}

const other = {
  ...options,
  ...self,
  pid: 99,
  processStart: "6000",
  holder: "anna@laptop",
  runId: "2026-01-05T05-58-00Z-8e11",
  lastFence: 6,
};

/** A lock left behind by `other` some time ago. */
function stale(now: number, ageMs: number, more: Partial<LockContent> = {}): Buffer {
  const at = now - ageMs;
  const { holder, host, pid, pidNamespace, bootId, processStart, command, runId } = other;
  const content: LockContent = {
    format: 1,
    holder,
    host,
    pid,
    pidNamespace,
    bootId,
    processStart,
    command,
    runId,
    fence: 7,
    since: at,
    aliveAt: at,
    leaseUntil: at + 120_000,
    requestDeadlineMs: 60_000,
    horizons: { vip: { plan: "p1", seq: 50 } },
    ...more,
  };
  return Buffer.from(JSON.stringify(content));
}

describe("lock", () => {
  it("is taken, renewed and released without a trace", async () => {
    const { ports } = world();
    const lock = await acquireLock(ports, path, options);
    expect([lock.fence, lock.previous, lock.mustStop()]).toEqual([5, null, false]);
    await ports.clock.sleep(30_000);
    await lock.setHorizon("vip", "p1", 10);
    await lock.setHorizon("b2b", "p2", 5);
    await lock.heartbeat();
    expect(await readLock(ports.files, path)).toMatchObject({
      fence: 5,
      runId: options.runId,
      horizons: { vip: { plan: "p1", seq: 10 }, b2b: { plan: "p2", seq: 5 } },
      leaseUntil: ports.clock.now() + 120_000,
    });
    await lock.release();
    expect([...ports.files.content.keys()]).toEqual([]);
  });

  it("E501 names the holder and what to do (F05)", async () => {
    const { ports, alive } = world();
    alive(99, "6000");
    ports.files.content.set(
      path,
      stale(ports.clock.now(), 120_000, { aliveAt: ports.clock.now() - 3000, leaseUntil: ports.clock.now() + 100_000 }),
    );
    const error = await acquireLock(ports, path, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).exit).toBe(5);
    expect((error as MillraceError).diagnostics).toEqual([
      {
        code: "E501",
        severity: "error",
        message:
          'another run is working on prod\n  run 8e11 by anna@laptop (pid 99), "millrace sync --due", since 05:58:00 (2 min), alive 3 s ago',
        hint: "wait for it: --wait 10m    if that machine is gone: millrace state unlock 8e11",
      },
    ]);
  });

  it("waits as long as it is told for a holder that ends", async () => {
    const { ports, alive } = world();
    alive(77, "5000");
    const first = await acquireLock(ports, path, options);
    const second = acquireLock(ports, path, { ...other, waitMs: 60_000 });
    await ports.clock.sleep(20_000);
    await first.release();
    expect((await second).fence).toBe(7);
  });

  const dead: readonly [
    string,
    Partial<LockContent>,
    (alive: (pid: number, start: string, state?: string) => void) => void,
    boolean,
  ][] = [
    ["the process is gone", {}, () => undefined, true],
    ["its pid belongs to another program now", {}, (alive) => alive(99, "7000"), true],
    ["it is a zombie", {}, (alive) => alive(99, "6000", "Z"), true],
    ["it lives", {}, (alive) => alive(99, "6000"), false],
    ["it is stopped", {}, (alive) => alive(99, "6000", "T"), false],
    ["it ran before the last boot", { bootId: "boot-0" }, () => undefined, false],
    ["it runs in another container", { pidNamespace: "4026532999" }, () => undefined, false],
    ["it says nothing about itself", { pidNamespace: "", bootId: "", processStart: "" }, () => undefined, false],
    ["a person freed it", { pidNamespace: "4026532999", broken: true }, () => undefined, true],
  ];
  it.each(dead)("taken over at once: %s (F06)", async (_, more, prepare, expected) => {
    const { ports, alive } = world();
    prepare(alive);
    ports.files.content.set(path, stale(ports.clock.now(), 1000, more));
    if (!expected) return await expect(acquireLock(ports, path, options)).rejects.toThrow("E501");
    const lock = await acquireLock(ports, path, options);
    expect([lock.fence, lock.previous?.runId, lock.previous?.horizons, ports.clock.monotonic()]).toEqual([
      8,
      other.runId,
      { vip: { plan: "p1", seq: 50 } },
      0,
    ]);
    expect(
      [...ports.files.content.keys()].filter((name) => name.startsWith(dirname(path))).map((name) => basename(name)),
    ).toEqual(["prod.lock", `prod.lock.8.${options.runId}`]);
  });

  it.each<[string, number, number, boolean]>([
    ["lease over, deadline not", 150_000, 0, false],
    ["lease and deadline over: watched for half a minute first", 181_000, 0, true],
    ["its clock is two hours behind and it does not beat", 7_200_000, 0, true],
    ["its clock is a year ahead: held while we do not wait", -31_536_000_000, 0, false],
    ["its clock is a year ahead: watched for lease and deadline", -31_536_000_000, 200_000, true],
  ])("a holder of another machine: %s (F06)", async (_, ageMs, waitMs, expected) => {
    const { ports } = world();
    ports.files.content.set(path, stale(ports.clock.now(), ageMs, { host: "elsewhere", pidNamespace: "1" }));
    const taken = acquireLock(ports, path, { ...options, waitMs });
    if (!expected) return await expect(taken).rejects.toThrow("E501");
    expect((await taken).fence).toBe(8);
    expect(ports.clock.monotonic()).toBeGreaterThanOrEqual(waitMs === 0 ? 30_000 : 180_000);
  });

  it("a holder whose clock is hours behind but who beats is left alone", async () => {
    const { ports } = world();
    const beat = async (): Promise<void> => {
      for (let n = 0; n < 10; n += 1) {
        ports.files.content.set(
          path,
          stale(ports.clock.now(), 7_200_000, { host: "elsewhere", pidNamespace: "1", aliveAt: n }),
        );
        await ports.clock.sleep(10_000);
      }
    };
    const beating = beat();
    await expect(acquireLock(ports, path, { ...options, waitMs: 60_000 })).rejects.toThrow("E501");
    await beating;
  });

  it("a paused owner wakes to find its lock gone, and harms nothing (F07, R22)", async () => {
    const { ports, alive } = world();
    alive(77, "5000");
    const old = await acquireLock(ports, path, options);
    await old.setHorizon("vip", "p1", 100);
    ports.clock.sleep(200_000);
    const fresh = await acquireLock(ports, path, { ...other, lastFence: 5, waitMs: 400_000 });
    expect([old.mustStop(), fresh.fence, fresh.previous?.horizons]).toEqual([
      true,
      6,
      { vip: { plan: "p1", seq: 100 } },
    ]);
    await expect(old.setHorizon("vip", "p1", 200)).rejects.toThrow("E502");
    await expect(old.assertHeld()).rejects.toThrow("E502");
    await old.release();
    await fresh.assertHeld();
    expect((await readLock(ports.files, path))?.horizons).toEqual({ vip: { plan: "p1", seq: 100 } });
  });

  it("a horizon that was written but not granted is not inherited over a granted one", async () => {
    const { ports } = world();
    ports.files.content.set(path, stale(ports.clock.now(), 1000));
    const first = await acquireLock(ports, path, options);
    ports.files.content.set(
      `${path}.7.${other.runId}`,
      Buffer.from(
        JSON.stringify({
          runId: other.runId,
          fence: 7,
          aliveAt: 0,
          leaseUntil: 0,
          horizons: { vip: { plan: "p1", seq: 999 }, lost: { plan: "p0", seq: 3 } },
        }),
      ),
    );
    const second = await acquireLock(ports, path, { ...other, pid: 55, lastFence: 0, runId: "r-3" }).catch(() => null);
    expect([first.fence, second?.fence, second?.previous?.horizons]).toEqual([
      8,
      9,
      { vip: { plan: "p1", seq: 50 }, lost: { plan: "p0", seq: 3 } },
    ]);
  });

  it("must stop when less than one request deadline of the lease is left, and cannot renew it when it is over", async () => {
    const { ports } = world();
    const lock = await acquireLock(ports, path, options);
    await ports.clock.sleep(60_000);
    expect(lock.mustStop()).toBe(false);
    await ports.clock.sleep(1);
    expect(lock.mustStop()).toBe(true);
    await ports.clock.sleep(60_000);
    await expect(lock.heartbeat()).rejects.toThrow("E502");
  });

  it("state unlock frees the named run only, and its successor knows the horizons", async () => {
    const { ports, alive } = world();
    alive(77, "5000");
    const lock = await acquireLock(ports, path, options);
    await lock.setHorizon("vip", "p1", 3);
    expect(await breakLock(ports.files, path, "8e11")).toBe(false);
    expect(await breakLock(ports.files, path, "9d1f")).toBe(true);
    await expect(lock.assertHeld()).rejects.toThrow("E502");
    expect((await acquireLock(ports, path, other)).previous?.horizons).toEqual({ vip: { plan: "p1", seq: 3 } });
  });

  it("of eight who find a dead owner exactly one takes over", async () => {
    const { ports, alive } = world();
    for (let pid = 100; pid < 108; pid += 1) alive(pid, "1");
    ports.files.content.set(path, stale(ports.clock.now(), 1000));
    const rivals = Array.from({ length: 8 }, (_, n) => ({
      ...options,
      pid: 100 + n,
      processStart: "1",
      runId: `r-${n}`,
    }));
    const ends = await Promise.allSettled(rivals.map((rival) => acquireLock(ports, path, rival)));
    expect(
      ends
        .map((end) => (end.status === "fulfilled" ? `${end.value.fence}` : String(end.reason.diagnostics[0].code)))
        .toSorted(),
    ).toEqual(["8", ...Array.from({ length: 7 }, () => "E501")]);
  });

  it("a rival's claim left by a crash does not block for ever", async () => {
    const { ports } = world();
    ports.files.content.set(path, stale(ports.clock.now(), 1000));
    ports.files.content.set(`${path}.after-7`, stale(ports.clock.now(), 500, { pid: 55, fence: 8, runId: "r-dead" }));
    expect((await acquireLock(ports, path, options)).fence).toBe(8);
  });

  it.each(["", "{", "[]", '{"fence":"x"}'])("a lock that reads %j is no free lock", async (text) => {
    const { ports } = world();
    ports.files.content.set(path, Buffer.from(text));
    await expect(acquireLock(ports, path, options)).rejects.toThrow("E508");
  });
});

describe("lock between real processes", () => {
  const racer = fileURLToPath(new URL("./lock-racer.ts", import.meta.url));
  const children: ChildProcess[] = [];
  let folder = "";
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "lock-"))));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  function start(...words: string[]): ChildProcess {
    const child = spawn(process.execPath, ["--import", "tsx", racer, ...words], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    return child;
  }
  const says = async (child: ChildProcess): Promise<string> =>
    String((await once(child.stdout as NodeJS.ReadableStream, "data"))[0]).trim();

  it("never two at once in 200 turns of two", async () => {
    const log = join(folder, "log");
    const both = ["a", "b"].map((name) => start("race", join(folder, "prod.lock"), log, name));
    await Promise.all(both.map((child) => once(child, "exit")));
    const turns = (await readFile(log, "utf8")).trim().split("\n");
    expect(turns.length).toBe(400);
    for (let turn = 0; turn < turns.length; turn += 2) expect(turns[turn + 1]).toBe(turns[turn]?.replace("+", "-"));
  });

  it("of a killed owner is taken over at once; a stopped one wakes without it (F06, F07)", async () => {
    const lockPath = join(folder, "prod.lock");
    const first = start("hold", lockPath, "", "first");
    expect(await says(first)).toBe("held 1");
    first.kill("SIGKILL");
    await once(first, "exit");
    const second = start("hold", lockPath, "", "second");
    expect(await says(second)).toBe("held 2");
    second.kill("SIGSTOP");
    const lock = await acquireLock(nodePorts(), lockPath, {
      ...options,
      ...processIdentity(),
      leaseMs: 400,
      requestDeadlineMs: 100,
      waitMs: 5000,
    });
    expect([lock.fence, lock.previous?.runId, lock.previous?.horizons]).toEqual([
      5,
      "second",
      { s: { plan: "p1", seq: 100 } },
    ]);
    second.kill("SIGCONT");
    const woken = says(second);
    second.stdin?.write("go\n");
    expect(await woken).toBe("must stop, E502, E502");
    await lock.heartbeat();
    await lock.release();
  });
});
