import { readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core.ts";
import { openLiveBlock, progressLine } from "../../src/cli/live.ts";
import { writeMetrics } from "../../src/cli/metrics.ts";
import { ping } from "../../src/cli/ping.ts";
import { eventLine, openRunLog, progressThrottle } from "../../src/cli/run-log.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { run } from "./documents.ts";
import { emptyFolder } from "./millrace.ts";

const at = Date.parse("2026-11-22T06:00:01Z");
const info = (event: string, fields: RunEvent["fields"]): RunEvent => ({ event, level: "info", fields });

let folder = "";
beforeAll(async () => void (folder = await emptyFolder()));
afterAll(() => rm(folder, { recursive: true, force: true }));

function collector() {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  return { written, terminal: createTerminal({ stdout: stream, stderr: stream }, {}, "never") };
}

test.each([
  [
    info("run.start", { run: "9d1f", environment: "prod", syncs: 3 }),
    "2026-11-22T06:00:01Z INFO  run.start    run=9d1f environment=prod syncs=3",
  ],
  [
    { event: "sync.rejected", level: "warn", fields: { sync: "a", reason: "invalid phone", code: "R12" } } as const,
    '2026-11-22T06:00:01Z WARN  sync.rejected sync=a reason="invalid phone" code=R12',
  ],
  [
    info("x", { injected: "a\nb=c", none: null, empty: "" }),
    '2026-11-22T06:00:01Z INFO  x            injected="a\\nb=c" none=null empty=""',
  ],
])("an event as a line", (event, line) => {
  expect(eventLine(event, at)).toBe(line);
});

test("progress of a sync is told at most every 30 seconds, of each sync by itself", () => {
  const passes = progressThrottle();
  const progress = (sync: string): RunEvent => info("sync.progress", { sync, done: 1, of: 2 });
  const told = [
    passes(progress("a"), 0),
    passes(progress("a"), 29_999),
    passes(progress("b"), 29_999),
    passes(progress("a"), 30_000),
    passes(info("sync.done", { sync: "a" }), 30_001),
  ];
  expect(told).toEqual([true, false, true, true, true]);
});

describe("the log", () => {
  test("events before the run has a name wait; all of them are filed as NDJSON, only readable by their owner", async () => {
    const { written, terminal } = collector();
    const log = openRunLog({
      terminal,
      globals: { logFormat: "text", logLevel: "info" },
      runsFolder: folder,
      now: () => at,
      plainLines: true,
    });
    log.write({ event: "lock.wait", level: "debug", fields: { holder: "b" } });
    log.write(info("run.start", { run: "9d1f", environment: "prod" }));
    log.close();
    const file = path.join(folder, "9d1f/log.ndjson");
    const lines = (await readFile(file, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { v: 1, ts: "2026-11-22T06:00:01Z", level: "debug", event: "lock.wait", holder: "b" },
      { v: 1, ts: "2026-11-22T06:00:01Z", level: "info", event: "run.start", run: "9d1f", environment: "prod" },
    ]);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe("600");
    expect(written).toEqual(["2026-11-22T06:00:01Z INFO  run.start    run=9d1f environment=prod\n"]);
  });

  test("a run's name never leaves the folder", () => {
    const { terminal } = collector();
    const log = openRunLog({
      terminal,
      globals: { logFormat: "json", logLevel: "info" },
      runsFolder: folder,
      now: () => at,
      plainLines: false,
    });
    log.write(info("run.start", { run: "../../etc" }));
    log.close();
    return expect(stat(path.join(folder, "../../etc/log.ndjson"))).rejects.toThrow();
  });
});

describe("the live block", () => {
  test("a running sync as a line", () => {
    const line = progressLine("a -> b", { done: 3712, of: 6224, startedAt: at - 42_000, note: "" }, at, 3);
    expect(line).toBe("⠸ a -> b  ████████████░░░░░░░░  3,712 / 6,224  88/s  eta 28 s");
  });

  test("what is printed scrolls above it, and closing leaves nothing behind", () => {
    const { written, terminal } = collector();
    const block = openLiveBlock(
      terminal,
      () => at,
      (sync) => sync,
    );
    block.update(info("sync.plan", { sync: "a", add: 1 }));
    block.print("first");
    block.print("second");
    block.close();
    expect(written).toEqual([
      "first\n",
      "⠋ a  planning\n",
      "\u001b[1A\u001b[J",
      "second\n",
      "⠋ a  planning\n",
      "\u001b[1A\u001b[J",
    ]);
  });
});

describe("--ping", () => {
  test("start, then the exit code with the summary; one rid for both", async () => {
    const calls: { url: URL; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        calls.push({ url: new URL(request.url!, "http://localhost"), body });
        response.end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const monitor = ping(`http://127.0.0.1:${(server.address() as AddressInfo).port}/check/`, () =>
      expect.unreachable(),
    );
    await monitor.start();
    await monitor.end(4, "9 rejected");
    server.close();
    expect(calls.map(({ url, body }) => [url.pathname, body])).toEqual([
      ["/check/start", ""],
      ["/check/4", "9 rejected"],
    ]);
    expect(calls[0]!.url.searchParams.get("rid")).toBe(calls[1]!.url.searchParams.get("rid"));
  });

  test("a monitor that is gone is a warning", async () => {
    const warnings: string[] = [];
    await ping("not a url", (message) => warnings.push(message)).start();
    expect(warnings).toEqual([expect.stringContaining("--ping did not get through")]);
  });
});

test("metrics are written beside and renamed, readable for the collector", async () => {
  const file = path.join(folder, "metrics/millrace.prom");
  await writeMetrics(file, run, null, []);
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe("644");
  expect(await readFile(file, "utf8")).toContain(
    'millrace_sync_rows{sync="high_value_to_klaviyo",environment="prod",op="added"} 6011',
  );
});
