import { expect, test } from "vitest";
import { isOldScratch, scratchMark } from "../../src/models/scratch-names.ts";

const now = Date.parse("2026-03-02T06:00:00Z");
const hours = (count: number): number => now - count * 3_600_000;

test.each([
  ["of this hour", `plan__vip${scratchMark(hours(1))}`, false],
  ["of the day before", `plan__vip${scratchMark(hours(25))}`, true],
  ["as Snowflake lists it", `LENT__1${scratchMark(hours(25))}`.toLowerCase(), true],
  ["of somebody else", "plan__vip", false],
  ["that only looks like it", "plan__t1_vip", false],
])("a table %s", (_, name, old) => {
  expect(isOldScratch(name, now)).toBe(old);
});
