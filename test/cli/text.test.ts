import { describe, expect, test } from "vitest";
import { amount, bytes, count, growth, percent, relative, signed, span, sparkline } from "../../src/cli/figures.ts";
import { safeColouredText, safeJson, safeText } from "../../src/cli/safe-text.ts";
import { cut, table, width } from "../../src/cli/table.ts";
import { createTerminal, showsColour } from "../../src/cli/terminal.ts";
import { Masker } from "../../src/project/masker.ts";

const escape = "\u001b";

describe("texts of others", () => {
  test.each([
    ["colour", `${escape}[31mred${escape}[0m`, "red"],
    ["cursor", `a${escape}[2Jb${escape}[10;10Hc`, "abc"],
    ["link (OSC 8)", `${escape}]8;;https://evil.example${escape}\\text${escape}]8;;${escape}\\`, "text"],
    ["title, ended by a bell", `${escape}]0;title\u0007x`, "x"],
    ["clipboard (OSC 52)", `${escape}]52;c;ZXZpbA==\u0007`, ""],
    ["device control string", `${escape}Pq#0${escape}\\ok`, "ok"],
    ["C1 controls", "a\u009b31mb\u0085c", "abc"],
    ["bidi override", "user\u202etxt.exe", "usertxt.exe"],
    ["carriage return", "good\rbad", "goodbad"],
    ["lone escape", `a${escape}`, "a"],
    ["tabs and newlines stay", "a\tb\nc", "a\tb\nc"],
    ["other scripts stay", "Zoë Łódź 東京 می‌خواهم", "Zoë Łódź 東京 می‌خواهم"],
  ])("%s", (_, text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  test("colours of our own pass, other sequences do not", () => {
    expect(safeColouredText(`${escape}[31mred${escape}[39m${escape}[2J`)).toBe(`${escape}[31mred${escape}[39m`);
  });

  test("JSON escapes what would turn a terminal round, and parses back", () => {
    const document = { name: "a\u202eb\u009bc", big: 12345678901234567890n };
    const text = safeJson(document);
    expect(text).not.toMatch(/[\u007f-\u009f\u202e]/);
    expect(JSON.parse(text)).toEqual({ name: "a\u202eb\u009bc", big: "12345678901234567890" });
  });
});

test.each([
  [count(12345), "12,345"],
  [signed(-313), "-313"],
  [signed(0), "-"],
  [amount(1, "person", "people"), "1 person"],
  [amount(1000, "person", "people"), "1,000 people"],
  [percent(0.314), "31.4 %"],
  [percent(0.0007), "0.07 %"],
  [percent(1), "100 %"],
  [growth(18204, 23911), "+31.4 %"],
  [growth(0, 5), "new"],
  [growth(10, 10), "0 %"],
  [span(40), "40 ms"],
  [span(3900), "3.9 s"],
  [span(46_000), "46 s"],
  [span(172_800_000), "2 days"],
  [relative("2026-11-22T06:00:00Z", Date.parse("2026-11-22T06:05:00Z")), "5 min ago"],
  [relative("2026-11-23T06:00:00Z", Date.parse("2026-11-22T06:00:00Z")), "in 24 h"],
  [relative(null, 0), "-"],
  [bytes(4_200_000_000), "4.2 GB"],
  [sparkline([1, null, 8]), "▁·█"],
  [sparkline([5, 5]), "▄▄"],
])("a figure as people read it: %s", (found, wanted) => {
  expect(found).toBe(wanted);
});

describe("tables", () => {
  test("columns line up, right-aligned ones too, without blanks at the end", () => {
    expect(
      table(
        [{ title: "name" }, { title: "n", align: "right" }],
        [
          ["東京", "5"],
          ["b", "1,000"],
        ],
      ),
    ).toEqual(["name      n", "東京      5", "b     1,000"]);
  });
  test("wide characters take two cells, marks none", () => {
    expect([width("東京"), width("e\u0301"), cut("abcdef", 4)]).toEqual([4, 1, "abc…"]);
  });
});

function streams(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  return { written, streams: { stdout: stream, stderr: stream } };
}

describe("the terminal", () => {
  test.each([
    ["auto", true, {}, true],
    ["auto", false, {}, false],
    ["auto", true, { NO_COLOR: "1" }, false],
    ["auto", true, { TERM: "dumb" }, false],
    ["auto", false, { FORCE_COLOR: "1" }, true],
    ["always", false, { NO_COLOR: "1" }, true],
    ["never", true, { FORCE_COLOR: "1" }, false],
  ] as const)("colour %s, terminal %s, %o: %s", (mode, isTTY, env, wanted) => {
    expect(showsColour(mode, isTTY, env)).toBe(wanted);
  });

  test("secrets are masked in text and JSON, also escaped ones", () => {
    const { written, streams: both } = streams(false);
    const terminal = createTerminal(both, {}, "auto");
    const masker = new Masker();
    masker.add('top"secret');
    terminal.hide(masker);
    terminal.out('a top"secret b');
    terminal.json({ value: 'top"secret' });
    expect(written.join("")).toBe('a ***** b\n{\n  "value": "*****"\n}\n');
  });

  test("CI is nobody in front of a terminal", () => {
    const { streams: both } = streams(true);
    expect([
      createTerminal(both, {}, "auto").errorIsInteractive,
      createTerminal(both, { CI: "true" }, "auto").errorIsInteractive,
    ]).toEqual([true, false]);
  });
});
