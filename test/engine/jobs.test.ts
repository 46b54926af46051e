import { expect, it } from "vitest";
import { openJobs } from "../../src/engine/jobs.ts";
import type { DeliveryRecord } from "../../src/engine/records.ts";

const range = { b: "b1", p: 0, a: 1, z: 3, at: 5 } as const;
const begun: DeliveryRecord = { t: "c", b: "b1", d: "d1", state: { job: "j1" }, at: 6 };
const job = { digest: "d1", state: { job: "j1" }, at: 6 };
const row = (status: "accepted" | "unknown") => [1, status, "", "", null] as const;

it.each<[string, DeliveryRecord[], object[]]>([
  ["nobody answered", [], [job]],
  ["a later checkpoint counts", [{ ...begun, state: { job: "j2" }, at: 7 }], [{ ...job, state: { job: "j2" }, at: 7 }]],
  ["still in doubt", [{ t: "v", ...range, s: "unknown" }], [job]],
  ["polling was cut off", [{ t: "v", ...range, s: "unsent", c: "unsent" }], [job]],
  ["some row is in doubt", [{ t: "r", b: "b1", p: 0, at: 9, rows: [row("accepted"), row("unknown")] }], [job]],
  ["accepted", [{ t: "v", ...range, s: "accepted" }], []],
  ["refused and cut smaller", [{ t: "v", ...range, s: "unsent", c: "halved" }], []],
  ["refused in part and cut smaller", [{ t: "v", ...range, s: "unknown", c: "halved" }], []],
  ["every row has its fate", [{ t: "r", b: "b1", p: 0, at: 9, rows: [row("accepted")] }], []],
  ["another batch was answered", [{ t: "v", ...range, b: "b2", s: "accepted" }], [job]],
])("jobs that are open: %s", (_, after, expected) => {
  expect(openJobs([{ t: "i", ...range, d: "d1" }, begun, ...after])).toEqual(expected);
});
