import { expect, test } from "vitest";
import { removeFromItem, setInItem } from "../../src/cli/edit-yaml.ts";
import { cutSummary } from "../../src/cli/github-summary.ts";
import { limit, moment, waitingTime, wholeNumber } from "../../src/cli/usage.ts";

const block = "syncs:\n  - name: a # first\n    mode: mirror   # kept\n  - status: active\n    name: b\n";

test.each([
  [
    "a new key goes behind the name, comments stay",
    setInItem(block, "syncs", "a", "status", "paused"),
    block.replace("# first\n", "# first\n    status: paused\n"),
  ],
  [
    "a key that is there changes its value only",
    setInItem(block, "syncs", "b", "status", "paused"),
    block.replace("status: active", "status: paused"),
  ],
  [
    "flow style stays flow style",
    setInItem("syncs: [ { name: a, mode: add } ]", "syncs", "a", "status", "paused"),
    "syncs: [ { name: a, status: paused, mode: add } ]",
  ],
  ["no item of that name", setInItem(block, "syncs", "c", "status", "paused"), null],
  ["no list of that name", setInItem(block, "audiences", "a", "status", "paused"), null],
  [
    "a name at the end of the file",
    setInItem("syncs:\n- name: a", "syncs", "a", "status", "paused"),
    "syncs:\n- name: a\n  status: paused",
  ],
  [
    "a key is taken out with its line",
    removeFromItem(block, "syncs", "a", "mode"),
    "syncs:\n  - name: a # first\n  - status: active\n    name: b\n",
  ],
  [
    "of a flow map with its comma",
    removeFromItem("syncs: [ { name: a, mode: add } ]", "syncs", "a", "mode"),
    "syncs: [ { name: a } ]",
  ],
  ["a key that is not there", removeFromItem(block, "syncs", "a", "paused_until"), block],
])("YAML edit: %s", (_, found, wanted) => {
  expect(found).toBe(wanted);
});

test.each([
  [() => waitingTime("--wait", "10m"), 600_000],
  [() => waitingTime("--wait", "30"), 30_000],
  [() => waitingTime("--wait", "2h"), 7_200_000],
  [() => limit("--max-remove", "10%"), { share: 0.1 }],
  [() => limit("--max-remove", "50"), { rows: 50 }],
  [() => wholeNumber("--limit", "1_000", 0), 1000],
  [() => moment("--at", "2026-11-22"), Date.parse("2026-11-22T00:00:00Z")],
])("a flag's value: %s", (read, wanted) => {
  expect(read()).toEqual(wanted);
});

test.each([
  () => waitingTime("--wait", "soon"),
  () => limit("--max-remove", "-5"),
  () => wholeNumber("--limit", "1.5", 0),
  () => wholeNumber("--threads", "0", 1),
  () => moment("--at", "yesterday"),
])("a flag's value out of form is E001: %s", (read) => {
  expect(read).toThrow(/^E001/);
});

test("a summary is cut at a line's end, below its limit in bytes", () => {
  const text = "é".repeat(30) + "\n" + "x".repeat(200);
  expect(cutSummary(text, 150)).toBe(`${"é".repeat(30)}\n\n… cut here: the whole document is in target/\n`);
  expect(cutSummary("short", 150)).toBe("short");
});
