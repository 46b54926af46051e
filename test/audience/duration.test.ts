import { expect, test } from "vitest";
import { datesAround, durationWords, instantBefore, momentInstant } from "../../src/audience/duration.ts";
import { parseDuration, type ParsedDuration } from "../../src/project/duration.ts";
import { instantAt, isTimezone, midnight, wallClock } from "../../src/project/zone.ts";

const iso = (instant: number | null): string | null => (instant === null ? null : new Date(instant).toISOString());

test.for<[string, string, string, string]>([
  ["90s", "2026-03-29T12:00:00Z", "UTC", "2026-03-29T11:58:30.000Z"],
  ["30min", "2026-03-29T12:00:00Z", "UTC", "2026-03-29T11:30:00.000Z"],
  ["1d", "2026-03-29T12:00:00Z", "Europe/Paris", "2026-03-28T12:00:00.000Z"],
  ["2w", "2026-03-29T12:00:00Z", "UTC", "2026-03-15T12:00:00.000Z"],
  ["1mo", "2026-03-31T12:00:00Z", "UTC", "2026-02-28T12:00:00.000Z"],
  ["1mo", "2024-03-31T12:00:00Z", "UTC", "2024-02-29T12:00:00.000Z"],
  ["13mo", "2026-01-15T00:00:00Z", "UTC", "2024-12-15T00:00:00.000Z"],
  ["1y", "2024-02-29T08:00:00Z", "UTC", "2023-02-28T08:00:00.000Z"],
  ["1mo", "2026-04-10T10:00:00Z", "Europe/Paris", "2026-03-10T11:00:00.000Z"],
  ["1mo", "2026-03-31T22:30:00Z", "Europe/Paris", "2026-02-28T23:30:00.000Z"],
  ["1mo", "2026-04-29T00:30:00Z", "Europe/Paris", "2026-03-29T01:00:00.000Z"],
  ["9999y", "2026-01-01T00:00:00Z", "UTC", "0001-01-01T00:00:00.000Z"],
])("%s before %s in %s", ([text, asOf, timezone, expected]) => {
  expect(iso(instantBefore(parseDuration(text) as ParsedDuration, { asOf: Date.parse(asOf), timezone }))).toBe(
    expected,
  );
});

test.for<[string, string, string | null]>([
  ["2026-01-05", "UTC", "2026-01-05T00:00:00.000Z"],
  ["2026-01-05", "Europe/Paris", "2026-01-04T23:00:00.000Z"],
  ["2026-07-05", "Europe/Paris", "2026-07-04T22:00:00.000Z"],
  ["2026-07-05 10:00", "Europe/Paris", "2026-07-05T08:00:00.000Z"],
  ["2026-07-05T10:00:00.25Z", "Europe/Paris", "2026-07-05T10:00:00.250Z"],
  ["2026-07-05T10:00:00+05:30", "Europe/Paris", "2026-07-05T04:30:00.000Z"],
  ["2026-02-29", "UTC", null],
  ["2026-01-05T25:00:00Z", "UTC", null],
  ["last week", "UTC", null],
])("%s in %s is %s", ([text, timezone, expected]) => {
  expect(iso(momentInstant(text, { asOf: 0, timezone }))).toBe(expected);
});

test("where clocks jump over midnight, a date begins at the end of the gap", () => {
  expect(iso(midnight({ year: 2018, month: 11, day: 4 }, "America/Sao_Paulo"))).toBe("2018-11-04T03:00:00.000Z");
  expect(datesAround(Date.parse("2018-11-04T03:00:00Z"), "America/Sao_Paulo")).toEqual({
    floor: "2018-11-04",
    next: "2018-11-05",
    exact: true,
  });
});

test("an hour that comes twice means its first coming, and wall clocks read back", () => {
  const instant = instantAt(Date.UTC(2025, 9, 26, 2, 30), "Europe/Paris");
  expect(iso(instant)).toBe("2025-10-26T00:30:00.000Z");
  expect(iso(wallClock(instant, "Europe/Paris"))).toBe("2025-10-26T02:30:00.000Z");
});

test("units read as words", () => {
  expect(["30d", "1mo", "2y"].map((text) => durationWords(parseDuration(text) as ParsedDuration))).toEqual([
    "30 days",
    "1 month",
    "2 years",
  ]);
  expect([isTimezone("Europe/Paris"), isTimezone("Mars/Base")]).toEqual([true, false]);
});
