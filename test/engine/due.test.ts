import { describe, expect, it } from "vitest";
import { lastSlot, nextSlot, pausedNow } from "../../src/engine/due.ts";
import type { Project, Resource, SyncSpec } from "../../src/project/project.ts";

const sync = (spec: Partial<SyncSpec>): Resource<SyncSpec> => ({
  name: "s",
  spec: { status: "active", ...spec } as SyncSpec,
  file: "models/s.yml",
  at: () => ({ file: "models/s.yml", line: 1, column: 1 }),
});
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

describe("slots of a schedule", () => {
  it.each([
    [
      "on the minute of the slot",
      "0 6 * * *",
      undefined,
      "2026-03-02T06:00:00Z",
      "2026-03-02T06:00:00.000Z",
      "2026-03-03T06:00:00.000Z",
    ],
    [
      "a second before it",
      "0 6 * * *",
      undefined,
      "2026-03-02T05:59:58Z",
      "2026-03-01T06:00:00.000Z",
      "2026-03-02T06:00:00.000Z",
    ],
    [
      "in a time zone",
      "0 6 * * *",
      "Europe/Paris",
      "2026-07-01T12:00:00Z",
      "2026-07-01T04:00:00.000Z",
      "2026-07-02T04:00:00.000Z",
    ],
    [
      "over the change to summer time",
      "30 2 * * *",
      "Europe/Paris",
      "2026-03-30T00:00:00Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ],
  ])("%s", (_, cron, timezone, now, last, next) => {
    const one = sync({ schedule: { cron, ...(timezone === undefined ? {} : { timezone }) } });
    expect([iso(lastSlot(one, "UTC", at(now))), iso(nextSlot(one, "UTC", at(now)))]).toEqual([last, next]);
  });

  it("has none without a schedule", () => {
    expect([lastSlot(sync({}), "UTC", 0), nextSlot(sync({}), "UTC", 0)]).toEqual([null, null]);
  });
});

describe("pauses", () => {
  const now = at("2026-03-02T06:00:00Z");
  const project = (audience?: object): Project =>
    ({ audiences: new Map(audience === undefined ? [] : [["a", { spec: audience }]]) }) as never;

  it.each<[string, Partial<SyncSpec>, object | undefined, boolean]>([
    ["active", {}, undefined, false],
    ["paused", { status: "paused" }, undefined, true],
    ["paused until later", { status: "paused", paused_until: "2026-03-03" }, undefined, true],
    ["paused until before", { status: "paused", paused_until: "2026-03-01" }, undefined, false],
    [
      "a draft never runs, whatever paused_until says",
      { status: "draft", paused_until: "2026-03-01" },
      undefined,
      true,
    ],
    ["its audience is paused", { audience: "a" }, { status: "paused" }, true],
    ["its audience is active", { audience: "a" }, { status: "active" }, false],
  ])("%s", (_, spec, audience, paused) => {
    expect(pausedNow(project(audience), sync(spec), now)).toBe(paused);
  });
});
