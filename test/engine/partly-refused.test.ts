/** Jobs that refuse some rows and do not tell which: what smaller batches find, and what is known of rows they do not come to. */
import { expect, it } from "vitest";
import type { Delivery, Outcome } from "../../src/core.ts";
import { accepted, type Batch, type Exchange, post, rejected, rejectedPartly } from "../../src/destination/index.ts";
import type { SendContext } from "../../src/engine/send-batch.ts";
import { sendParcel } from "../../src/engine/send.ts";
import { Tally } from "../../src/engine/tally.ts";
import { openJournal, readJournal } from "../../src/ledger/journal.ts";
import type { DeliveryRecord } from "../../src/engine/records.ts";
import { fakeLine } from "./fake-line.ts";
import { virtualPorts } from "./virtual-clock.ts";

interface Situation {
  readonly rows: number;
  /** Rows that the platform refuses without a word. */
  readonly bad: readonly number[];
  /** Rows that are refused before they are sent. */
  readonly misfits?: readonly number[];
  readonly delivery?: Delivery;
  /** The run is told to stop after as many jobs. */
  readonly jobs?: number;
}

/** What the journal says of each row in the end, in letters, how many jobs were begun, and what the platform holds. */
async function sent({ rows, bad, misfits = [], delivery = "set", jobs = 999 }: Situation) {
  const { line, config } = await fakeLine();
  const held = new Set<number>();
  let begun = 0;
  function* deliver({ changes }: Batch): Exchange<readonly Outcome[]> {
    yield* post(`${config.base_url}/job`, {});
    begun += 1;
    const job = changes.map(({ key }) => Number(key)).filter((key) => !misfits.includes(key));
    for (const key of job) if (!bad.includes(key)) held.add(key);
    const refused = job.some((key) => bad.includes(key));
    const told = refused ? (job.length > 1 ? rejectedPartly : rejected)("job", "Some were refused") : accepted();
    return changes.map(({ key }) => (misfits.includes(Number(key)) ? rejected("misfit", "no number") : told));
  }
  const ports = virtualPorts();
  const journal = await openJournal(ports.files, "/j", { plan: "p1", sync: "s", fence: 1, serial: 0 });
  const send = {
    plan: "p1",
    line,
    journal,
    clock: ports.clock,
    tally: new Tally(),
    context: { sync: "s" },
    shape: { object: { deliver, identifiers: {}, limits: { rows } }, policy: { delivery, lateMs: 0 } },
    signal: new AbortController().signal,
    force: new AbortController().signal,
    horizon: async () => undefined,
    maySend: () => true,
    checkpointOf: () => undefined,
    gate: { isOpen: () => begun < jobs, shut: () => undefined },
  } as unknown as SendContext;
  const items = Array.from({ length: rows }, (_, seq) => ({
    seq,
    change: { op: "add", key: seq, identifiers: {}, fields: {}, idempotencyKey: `k${seq}` } as const,
  }));
  await sendParcel(send, { op: "add", part: 0, items });
  await journal.close();
  const fate = Array.from({ length: rows }, () => ".");
  for (const record of ((await readJournal(ports.files, "/j"))?.records ??
    []) as unknown as readonly DeliveryRecord[]) {
    if (record.t === "v") for (let seq = record.a; seq <= record.z; seq++) fate[seq] = letter(record.s);
    if (record.t === "r") for (const [seq, status] of record.rows) fate[seq] = letter(status);
  }
  return { fate: fate.join(""), begun, held: [...held].toSorted((a, b) => a - b).join(" ") };
}
const letter = (status: string): string => ({ accepted: "a", rejected: "r", unknown: "?", unsent: "-" })[status] ?? "x";

it("finds the refused rows, the others are accepted", async () => {
  expect(await sent({ rows: 8, bad: [2, 5] })).toMatchObject({ fate: "aaraaraa", held: "0 1 3 4 6 7" });
  expect(await sent({ rows: 2, bad: [0, 1] })).toMatchObject({ fate: "rr", held: "" });
});

it("leaves in doubt what it does not come to: some of it may be held", async () => {
  expect(await sent({ rows: 8, bad: [5], jobs: 1 })).toEqual({ fate: "????????", begun: 1, held: "0 1 2 3 4 6 7" });
  expect(await sent({ rows: 8, bad: [5], jobs: 2 })).toMatchObject({ fate: "aaaa????" });
});

it("finds them also where other rows of the batch have a fate of their own", async () => {
  expect(await sent({ rows: 6, bad: [4], misfits: [0, 1] })).toMatchObject({ fate: "rraara", held: "2 3 5" });
});

it("says of rows that nothing tells apart that they are in doubt, not that they were refused", async () => {
  expect(await sent({ rows: 4, bad: [1], delivery: "once" })).toEqual({ fate: "????", begun: 1, held: "0 2 3" });
  const many = await sent({ rows: 60, bad: Array.from({ length: 59 }, (_, key) => key) });
  expect(many.fate).toMatch(/^r{24}\?{36}$/);
  expect(many.held).toBe("59");
});
