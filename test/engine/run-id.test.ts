import { expect, it } from "vitest";
import { newRunId } from "../../src/engine/run-id.ts";
import { virtualClock } from "./virtual-clock.ts";

it("sorts by time, also within a second", async () => {
  const clock = virtualClock(Date.parse("2026-11-22T06:00:01.250Z"));
  const id = (hex: string): string => newRunId(clock, { next: () => 0, hex: () => hex });
  const first = id("ffffff");
  await clock.sleep(1);
  expect([first, id("000000")]).toEqual(["2026-11-22T06-00-01-250Z-ffffff", "2026-11-22T06-00-01-251Z-000000"]);
});
