import { describe, expect, it } from "vitest";
import { backoffMs, quotaPauseMs, retryAfterMs, RetryBudget, spread } from "../../src/engine/retry.ts";
import { fixedRandom } from "./virtual-clock.ts";

const now = Date.parse("2026-01-05T06:00:00Z");
const day = 86_400_000;

describe("retryAfterMs", () => {
  it.each<[Record<string, string>, number | null]>([
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": " 0.5 " }, 500],
    [{ "retry-after": "0" }, 0],
    [{ "x-ratelimit-retry-after": "3" }, 3000],
    [{ "retry-after": "2", "x-ratelimit-retry-after": "3" }, 2000],
    [{ "retry-after": "Mon, 05 Jan 2026 06:00:10 GMT" }, 10_000],
    [{ "retry-after": "Mon, 05 Jan 2026 06:00:10 GMT", date: "Mon, 05 Jan 2026 06:00:07 GMT" }, 3000],
    [{ "retry-after": "Mon, 05 Jan 2026 05:00:00 GMT" }, null],
    [{ "retry-after": "Mon, 05 Jan 2037 05:00:00 GMT" }, day],
    [{ "retry-after": "1000000000" }, day],
    [{ "retry-after": "-1" }, null],
    [{ "retry-after": "abc" }, null],
    [{ "retry-after": "" }, null],
    [{}, null],
  ])("%j is %s", (headers, expected) => expect(retryAfterMs(headers, now)).toBe(expected));

  it("is never spread below what was asked, nor more than a fifth above", () => {
    expect([0, 0.5, 0.999].map((value) => spread(1000, fixedRandom(value)))).toEqual([1000, 1100, 1199.8]);
  });
});

describe("backoffMs", () => {
  it("doubles its ceiling from 0.5 s to 60 s", () => {
    expect([1, 2, 3, 7, 8, 50].map((attempt) => backoffMs(attempt, fixedRandom(1)))).toEqual([
      500, 1000, 2000, 32_000, 60_000, 60_000,
    ]);
    expect(backoffMs(8, fixedRandom(0))).toBe(0);
  });
});

describe("quotaPauseMs", () => {
  it.each<[Record<string, string>, number]>([
    [{}, 0],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "7" }, 7000],
    [{ "ratelimit-remaining": "3", "ratelimit-reset": "7" }, 0],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 5) }, 5000],
    [{ "x-rate-limit-remaining": "0", "x-rate-limit-reset": String(now + 5) }, 5],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "86400" }, 60_000],
    [{ "ratelimit-remaining": "0" }, 0],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "soon" }, 0],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 - 50) }, 0],
  ])("%j is %s", (headers, expected) => expect(quotaPauseMs(headers, now)).toBe(expected));
});

describe("RetryBudget", () => {
  it("lasts for 32 retries without a success, and for ever while half of the requests succeed", () => {
    const dead = new RetryBudget();
    expect(Array.from({ length: 33 }, () => dead.take()).filter(Boolean).length).toBe(32);
    const flapping = new RetryBudget();
    const taken = Array.from({ length: 1000 }, () => {
      flapping.credit();
      return flapping.take();
    });
    expect(taken).not.toContain(false);
  });
});
