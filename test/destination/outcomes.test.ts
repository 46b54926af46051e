import { describe, expect, it } from "vitest";
import * as kit from "../../src/destination/index.ts";
import { withoutPersons } from "../../src/destination/words.ts";
import { batch, change } from "./change.ts";

const response = (status: number, body?: unknown, headers: Record<string, string> = {}): kit.HttpResponse => ({
  status,
  headers,
  body,
  text: "",
});
const two = batch("add", [change("a"), change("b")]);

describe("byStatus", () => {
  it.each([
    [200, {}, { status: "accepted" }],
    [204, {}, { status: "accepted" }],
    [400, {}, { status: "rejected", code: "http_400", message: "words" }],
    [422, {}, { status: "rejected", code: "http_422", message: "words" }],
    [401, {}, { status: "deferred", message: "words" }],
    [429, { "retry-after": "3" }, { status: "deferred", message: "words", retryAfterMs: 3000 }],
    [429, { "x-ratelimit-retry-after": "3" }, { status: "deferred", message: "words", retryAfterMs: 3000 }],
    [429, { "retry-after": "abc" }, { status: "deferred", message: "words" }],
    [503, { "retry-after": "3" }, { status: "deferred", message: "words", retryAfterMs: 3000 }],
    [503, {}, { status: "unknown", message: "words" }],
    [500, {}, { status: "unknown", message: "words" }],
    [408, {}, { status: "unknown", message: "words" }],
  ] as const)("%i %j", (status, headers, expected) => {
    expect(kit.byStatus(response(status, {}, headers), "words")).toEqual(expected);
  });

  it.each([
    [301, "E814"],
    [403, "E813"],
    [404, "E811"],
    [410, "E811"],
  ])("%i stops the sync with %s", (status, code) => {
    try {
      kit.byStatus(response(status));
      expect.unreachable();
    } catch (error) {
      expect(kit.isStop(error)).toBe(true);
      expect(error).toMatchObject({ diagnostics: [{ code }] });
    }
  });
});

describe("retryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["2", 2000],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", undefined],
    ["-1", undefined],
    ["abc", undefined],
    [undefined, undefined],
  ])("%j", (header, expected) => {
    expect(kit.retryAfter(response(429, {}, header === undefined ? {} : { "retry-after": header }), now)).toBe(
      expected,
    );
  });
});

const verdict = (item: { ok: boolean }) => (item.ok ? kit.accepted() : kit.rejected("no", "no"));

const broken = (message: string) => [kit.unknown(message), kit.unknown(message)];

describe("byIndex", () => {
  it.each([
    [
      [{ ok: true }, { ok: false }],
      [kit.accepted(), kit.rejected("no", "no")],
    ],
    [[{ ok: true }], broken("broken answer: 1 results for 2 rows")],
    [undefined, broken("broken answer: no results for 2 rows")],
    [{ length: 2 }, broken("broken answer: no results for 2 rows")],
    [
      [{ ok: true }, null],
      [kit.accepted(), kit.unknown("broken answer: a result without a verdict")],
    ],
  ])("%j", (items, expected) => {
    expect(kit.byIndex(two, items, verdict)).toEqual(expected);
  });
});

it("byKey finds verdicts whatever their order; a row without one is unknown", () => {
  const verdicts = new Map([["row-b", kit.accepted("7")]]);
  expect(kit.byKey(two, ({ idempotencyKey }) => idempotencyKey, verdicts)).toEqual([
    kit.unknown("broken answer: no verdict for this row"),
    kit.accepted("7"),
  ]);
});

it("together gives all rows the fate of the request", () => {
  expect(kit.together(two, response(400), "bad")).toEqual([
    kit.rejected("http_400", "bad"),
    kit.rejected("http_400", "bad"),
  ]);
});

describe("withoutPersons", () => {
  it.each([
    ["Invalid email anna.b+x@example.com given", "Invalid email <email> given"],
    ["phone +33 6 12 34 56 78 is bad", "phone <number> is bad"],
    ["hash e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hash <hash>"],
    ["device f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "device <id>"],
    ["limit is 10000 rows", "limit is 10000 rows"],
  ])("%s", (words, expected) => expect(withoutPersons(words)).toBe(expected));
  it("cuts long words", () => expect(withoutPersons("x".repeat(5000))).toHaveLength(300));
});
