import { describe, expect, it } from "vitest";
import { amount, atLeast, atMost, median, meets, verdict, type Figure } from "../../bench/figure.ts";
import { intoReadme, tableOf } from "../../bench/table.ts";

const figure: Figure = {
  name: "  settle",
  measured: "0.2 s",
  against: "diff | 2 s",
  ratio: 0.1,
  floors: [atMost(0.05, "a"), atMost(0.15, "b")],
};

describe("figures", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2],
    [[5], 5],
  ])("median of %j is %d", (values, expected) => expect(median(values)).toBe(expected));

  it.each([
    [2.5, atMost(2.5), true],
    [2.6, atMost(2.5), false],
    [0.6, atLeast(0.6), true],
    [0.5, atLeast(0.6), false],
  ] as const)("%d against %j: %s", (ratio, floor, expected) => expect(meets(ratio, floor)).toBe(expected));

  it("the last floor named decides; without one there is nothing to reach", () => {
    expect([verdict(figure), verdict({ ...figure, floors: [] }), verdict({ ...figure, ratio: 0.2 })]).toEqual([
      "reached",
      "",
      "missed",
    ]);
  });

  it.each([
    [1234.4, "1,234"],
    [214_300, "214 k"],
    [1_900_000, "1.9 M"],
    [10_000_000, "10 M"],
  ])("%d reads %s", (value, expected) => expect(amount(value)).toBe(expected));
});

describe("the table", () => {
  const table = tableOf([figure], { at: "2026-01-01", machine: "2 cores", load: [1, 2], minutes: 3 });

  it("has a row a figure, pipes escaped", () => {
    expect(table.split("\n").at(-2)).toBe(
      "| settle | 0.2 s | diff \\| 2 s | 0.10 | ≤ 0.05 (a); ≤ 0.15 (b) | reached |  |",
    );
  });

  it("goes between the markers and replaces what stood there", () => {
    const readme = "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n";
    const once = intoReadme(readme, "new\n");
    expect(once).toBe("before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n");
    expect(intoReadme(once, "new\n")).toBe(once);
    expect(() => intoReadme("no markers", "new\n")).toThrow("no <!-- bench:begin -->");
  });
});
