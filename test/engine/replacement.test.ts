/** What a journal says of a run that replaces its target. */
import { expect, test } from "vitest";
import type { DeliveryRecord } from "../../src/engine/records.ts";
import { OpenBatches, replacementOf } from "../../src/engine/replacement.ts";
import type { Verdict } from "../../src/ledger/rules.ts";

const left = (b: string, at: number, p = 0): DeliveryRecord => ({ t: "i", b, p, a: 1, z: 2, d: "d", at });
const told = (b: string, s: Verdict, p = 0): DeliveryRecord => ({ t: "v", b, p, a: 1, z: 2, s, at: 9 });
const refusedBefore: DeliveryRecord = { t: "r", b: "", p: -1, at: 1, rows: [[1, "rejected", "c", "m", null]] };
const end: DeliveryRecord = { t: "e", at: 9 };
const broken = { fate: "broken" } as const;

test.each([
  ["nothing left", [], null, null],
  ["rows were refused before", [refusedBefore], null, null],
  ["it ended", [refusedBefore, left("one", 5), left("two", 6), end], null, { fate: "closed", at: 5 }],
  ["it was killed behind a batch", [left("one", 5), left("two", 6)], null, broken],
  ["its first batch was put off", [left("one", 5), told("one", "deferred")], null, null],
  ["its first batch never left", [left("one", 5), told("one", "unsent")], null, null],
  ["its first batch is in doubt", [left("one", 5), told("one", "unknown")], null, broken],
  ["its second batch never left", [left("one", 5), left("two", 6), told("two", "unsent")], null, broken],
  ["nobody was wanted, and people were taken out", [left("one", 5, 1), told("one", "accepted", 1)], null, null],
  ["nobody was wanted, and an answer was lost", [left("one", 5, 1)], null, null],
  ["the journal is lost, and nothing was let out", [], 0, null],
  ["the journal is lost", [], 20_000, broken],
] as const)("where %s", (_, records, horizon, fate) => {
  expect(replacementOf(records, horizon)).toEqual(fate);
});

test("the end speaks for the batches that nothing else speaks for", () => {
  const open = new OpenBatches();
  for (const record of [left("one", 5), left("two", 6), told("two", "deferred"), left("gone", 7, 1), left("three", 8)])
    open.take(record);
  expect(open.intents.map(({ b }) => b)).toEqual(["one", "three"]);
});
