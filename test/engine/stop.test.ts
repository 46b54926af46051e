/** An answer that stops a sync, or a run that is told to stop, while batches are under way: nothing further begins (F03, F34). */
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { z } from "zod";
import type { Outcome } from "../../src/core.ts";
import { post, stop, type Batch, type Destination, type Exchange } from "../../src/destination/index.ts";
import { openLine, type LineOptions } from "../../src/engine/converse.ts";
import type { SendContext, Stopped } from "../../src/engine/send-batch.ts";
import { sendParcel } from "../../src/engine/send.ts";
import { Tally } from "../../src/engine/tally.ts";
import { openJournal, readJournal } from "../../src/ledger/journal.ts";
import type { Http, HttpAnswer } from "../../src/ports.ts";
import { virtualPorts } from "./virtual-clock.ts";

const stops = [401, 403, 404, 410] as const;

function* deliver(batch: Batch): Exchange<readonly Outcome[]> {
  const response = yield* post("https://api.example.com/rows", { id: batch.id });
  if (response.status !== 200) stop("permission", `HTTP ${response.status}`);
  return batch.changes.map(() => ({ status: "accepted" }));
}

const definition: Destination = {
  name: "fake",
  describe: "A fake.",
  docs: "https://docs.example.com",
  config: z.strictObject({}),
  credentials: z.strictObject({}),
  auth: { type: "bearer", secret: "token" },
  effects: ["http"],
  hosts: () => ["api.example.com"],
  objects: {},
};

/** Fifteen batches at once on a line for `concurrency` requests; requests are answered by hand, by number. */
async function sending(concurrency: number, more: Partial<LineOptions> = {}) {
  const ports = virtualPorts();
  const started: ((status: number) => void)[] = [];
  const answerOf = (status: number): HttpAnswer => ({ status, headers: {}, body: Buffer.from("{}") });
  const http: Http = {
    send: () => new Promise((resolve) => started.push((status) => resolve(answerOf(status)))),
  };
  const limits = { concurrency };
  const line = openLine({
    definition,
    config: {},
    credentials: { token: "s3cret" },
    http,
    ports,
    limits,
    attempts: 3,
    deadlineMs: 60_000,
    onEvent: () => undefined,
    ...more,
  });
  const header = { plan: "p1", sync: "s", fence: 1, serial: 0 };
  const journal = await openJournal(ports.files, "/j", header);
  const abort = new AbortController();
  let shut = false;
  const send = {
    plan: "p1",
    line,
    journal,
    clock: ports.clock,
    tally: new Tally(),
    context: { sync: "s" },
    shape: { object: { deliver, identifiers: {}, limits: { rows: 1 } }, policy: { delivery: "set", lateMs: 0 } },
    signal: abort.signal,
    force: new AbortController().signal,
    horizon: async () => undefined,
    maySend: () => true,
    checkpointOf: () => undefined,
    gate: { isOpen: () => !shut && !abort.signal.aborted, shut: () => void (shut = true) },
  } as unknown as SendContext;
  const change = { op: "add", key: 1, identifiers: {}, fields: {}, idempotencyKey: "k" } as const;
  const ends = Promise.all(
    Array.from({ length: 15 }, (_, seq): Promise<Stopped | null> =>
      sendParcel(send, { op: "add", part: 0, items: [{ seq, change }] }),
    ),
  );
  const settled = async (): Promise<number> => {
    for (let turns = 0; turns < 50; turns += 1) await turn();
    return started.length;
  };
  const verdicts = async (): Promise<Readonly<Record<string, number>>> => {
    await journal.close();
    const counts: Record<string, number> = { none: 15 };
    for (const record of (await readJournal(ports.files, "/j"))?.records ?? []) {
      const { t, s = "" } = record as { t: string; s?: string };
      if (t !== "v") continue;
      counts[s] = (counts[s] ?? 0) + 1;
      counts["none"] = (counts["none"] ?? 0) - 1;
    }
    return counts;
  };
  return { started, settled, ends, verdicts, abort };
}

it.each(stops.flatMap((status) => [1, 2, 4].map((concurrency) => [status, concurrency] as const)))(
  "after HTTP %i, with %i requests under way, no other starts",
  async (status, concurrency) => {
    const { started, settled, ends, verdicts } = await sending(concurrency);
    expect(await settled()).toBe(concurrency);
    started[0]?.(status);
    expect(await settled()).toBe(concurrency);
    // What was under way ends by its own answer.
    for (const answer of started.slice(1)) answer(200);
    const stopped = (await ends).filter((end) => end !== null);
    expect({ started: started.length, stopped: stopped.map(({ code }) => code) }).toEqual({
      started: concurrency,
      stopped: [status === 401 ? "E812" : "E813"],
    });
    const accepted = concurrency === 1 ? {} : { accepted: concurrency - 1 };
    expect(await verdicts()).toEqual({ none: 0, ...accepted, unsent: 16 - concurrency });
  },
);

it("while refused credentials are renewed nothing starts, and everything goes on with the new ones", async () => {
  let renewed = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (renewed = resolve));
  const renewCredentials = async (): Promise<Record<string, unknown>> => {
    await waiting;
    return { token: "fresh" };
  };
  const { started, settled, ends, verdicts } = await sending(1, { renewCredentials });
  await settled();
  started[0]?.(401);
  expect(await settled()).toBe(1);
  renewed();
  for (let number = 1; number <= 15; number += 1) {
    expect(await settled()).toBe(number + 1);
    started[number]?.(200);
  }
  expect((await ends).every((end) => end === null)).toBe(true);
  expect(await verdicts()).toEqual({ none: 0, accepted: 15 });
});

it("a run that is told to stop lets the requests under way end, and begins no other", async () => {
  const { started, settled, ends, verdicts, abort } = await sending(4);
  expect(await settled()).toBe(4);
  abort.abort("SIGTERM");
  for (const answer of started) answer(200);
  expect(await settled()).toBe(4);
  expect((await ends).every((end) => end === null)).toBe(true);
  expect(await verdicts()).toEqual({ none: 0, accepted: 4, unsent: 11 });
});
