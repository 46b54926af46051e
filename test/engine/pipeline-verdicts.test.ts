import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeliveryRecord } from "../../src/engine/records.ts";
import { fileVerdicts, reachedVerdicts, reachVerdicts, verdictsBetween } from "../../src/engine/verdicts.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";

const target = `"memory"."main"`;
let warehouse: DuckDBWarehouse;
let made = 0;
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 1 });
});
afterAll(() => warehouse.close());

const intent = (a: number, z: number, p = 0, b = `${a}-${z}`): DeliveryRecord => ({
  t: "i",
  b,
  p,
  a,
  z,
  at: a,
  d: "d",
});
const range = (a: number, z: number, s: "accepted" | "rejected" | "unsent", p = 0): DeliveryRecord => ({
  t: "v",
  b: `${a}-${z}`,
  p,
  a,
  z,
  s,
  at: a,
});
const row = (seq: number, s: "accepted" | "rejected" | "skipped", p = 0): DeliveryRecord => ({
  t: "r",
  b: "b",
  p,
  at: 5,
  rows: [[seq, s, "c", "m", null]],
});

/** Verdicts of seqs 1 to 6 of a part. */
const cases: readonly (readonly [string, readonly DeliveryRecord[], number, number | null, string])[] = [
  ["nothing said, journal sound: never left", [], 0, null, "unsent unsent unsent unsent unsent unsent"],
  ["nothing said, journal lost: in doubt up to the horizon", [], 0, 3, "unknown unknown unknown unsent unsent unsent"],
  ["an intent without an answer is in doubt", [intent(2, 4)], 0, null, "unsent unknown unknown unknown unsent unsent"],
  [
    "an answer for a whole range",
    [intent(1, 6), range(1, 6, "accepted")],
    0,
    null,
    "accepted accepted accepted accepted accepted accepted",
  ],
  [
    "another part hears nothing of it",
    [intent(1, 6), range(1, 6, "accepted")],
    1,
    null,
    "unsent unsent unsent unsent unsent unsent",
  ],
  [
    "halves of a refused range speak for its rows, an unanswered one is in doubt",
    [intent(1, 6), range(1, 6, "unsent"), intent(1, 3), range(1, 3, "accepted"), intent(4, 6)],
    0,
    null,
    "accepted accepted accepted unknown unknown unknown",
  ],
  [
    "ranges nest three deep, the innermost came last",
    [
      intent(1, 6),
      range(1, 6, "unsent"),
      intent(1, 3),
      range(1, 3, "unsent"),
      intent(1, 2),
      range(1, 2, "accepted"),
      intent(3, 3),
      row(3, "rejected"),
      intent(4, 6),
      range(4, 6, "accepted"),
    ],
    0,
    null,
    "accepted accepted rejected accepted accepted accepted",
  ],
  [
    "rows behind a spoiling one travel together again",
    [
      intent(1, 6),
      range(1, 6, "unsent"),
      intent(1, 3),
      range(1, 3, "unsent"),
      row(1, "rejected"),
      intent(2, 6),
      range(2, 6, "accepted"),
    ],
    0,
    null,
    "rejected accepted accepted accepted accepted accepted",
  ],
  [
    "the later word of two on one row counts",
    [row(2, "rejected"), row(2, "accepted")],
    0,
    null,
    "unsent accepted unsent unsent unsent unsent",
  ],
  [
    "a later range covers an earlier row",
    [row(2, "rejected"), range(1, 3, "accepted")],
    0,
    null,
    "accepted accepted accepted unsent unsent unsent",
  ],
  [
    "a refusal before sending concerns every write",
    [row(2, "rejected", -1)],
    2,
    null,
    "unsent rejected unsent unsent unsent unsent",
  ],
  [
    "also when the range of its neighbours' batch reaches over it later",
    [row(2, "rejected", -1), intent(1, 4), range(1, 4, "accepted")],
    0,
    null,
    "accepted rejected accepted accepted unsent unsent",
  ],
  ["but no removal", [row(2, "rejected", -1)], 3, null, "unsent unsent unsent unsent unsent unsent"],
];

test.each(cases)("%s", async (_, records, part, horizon, expected) => {
  const id = `v${++made}`;
  await fileVerdicts(warehouse, target, id, records);
  const between = await verdictsBetween(warehouse, target, id, 1, 6, horizon);
  await reachVerdicts(warehouse, target, id, "(SELECT unnest([1, 2, 3, 4, 5, 6]) AS seq, 9 AS g)");
  const reached = await reachedVerdicts(warehouse, target, id, 9, 9, horizon);
  const seqs = [1, 2, 3, 4, 5, 6];
  const told = [between, reached].map((verdictOf) => seqs.map((seq) => verdictOf(seq, part).verdict).join(" "));
  expect(told).toEqual([expected, expected]);
});

test("an answer keeps its batch, its digest, its code and when it left", async () => {
  await fileVerdicts(warehouse, target, "kept", [intent(1, 2, 0, "b"), row(1, "rejected")]);
  const verdictOf = await verdictsBetween(warehouse, target, "kept", 1, 2, null);
  expect([verdictOf(1, 0), verdictOf(2, 0)]).toEqual([
    { verdict: "rejected", code: "c", message: "m", remoteId: null, at: 5, batch: "b", digest: "d" },
    { verdict: "unknown", code: "", message: "", remoteId: null, at: 1, batch: "b", digest: "d" },
  ]);
});
