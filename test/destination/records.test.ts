import { expect, it } from "vitest";
import { accepted, type Change, deliverRecords, type HttpResponse, listRecords } from "../../src/destination/index.ts";
import {
  lookUp,
  type MatchedRow,
  normalizeEmail,
  type Outcome,
  pairRecords,
  recordIds,
} from "../../src/destination/index.ts";
import { type RecordPair, registerBy, rejected, sizeOf, unknown } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

const down: HttpResponse = { status: 500, headers: {}, body: undefined, text: "" };
const known = new Map([
  ["ann@example.com", "1"],
  ["bob@example.com", "2"],
]);

/** A register that answers at once, and what it was asked for. */
function register(answer: ReadonlyMap<string, string> | HttpResponse = known, kind = "email") {
  const asked: (readonly string[])[] = [];
  const broken = ({ status }: HttpResponse) => unknown(`HTTP ${status}`);
  // oxlint-disable-next-line require-yield -- answers without asking
  const found = registerBy(kind, { broken }, function* (values) {
    asked.push(values);
    return answer;
  });
  return { ...found, asked };
}

/** Plays a conversation that yields nothing. */
function ended<T>(exchange: Generator<unknown, T>): T {
  const step = exchange.next();
  if (step.done !== true) throw new Error("it asked for something");
  return step.value;
}

const person = (name: string, more: Partial<Change> = {}) =>
  change(name, { identifiers: name === "" ? {} : { email: `${name}@example.com` }, ...more });
const held = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }], remoteId },
});
const fates = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ("reason" in outcome ? outcome.reason : "code" in outcome ? outcome.code : outcome.status));

it("takes ids from the ledger and asks once for each other value", () => {
  const changes = [person("ann"), person("ann"), person("cy", held("cy", "9")), person("zoe"), person("")];
  const found = register();
  const ids = ended(recordIds(changes, found)) as ReadonlyMap<Change, string>;
  expect(changes.map((each) => ids.get(each))).toEqual(["1", "1", "9", undefined, undefined]);
  expect(found.asked).toEqual([["ann@example.com", "zoe@example.com"]]);
  expect(ended(recordIds(changes, register(down)))).toBe(down);
});

it("asks nothing where the ledger knows all", () => {
  const found = register(down);
  expect([...(ended(recordIds([person("cy", held("cy", "9"))], found)) as Map<Change, string>).values()]).toEqual([
    "9",
  ]);
  expect(found.asked).toEqual([]);
});

it("looks values up by their normal form, and gives them as they came", () => {
  const find = register().find;
  const ids = ended(lookUp(["Ann@Example.com", " bob@example.com", "zoe@example.com", "nobody"], normalizeEmail, find));
  expect([...ids]).toEqual([
    ["Ann@Example.com", "1"],
    [" bob@example.com", "2"],
  ]);
  expect([...ended(lookUp(["ann@example.com"], normalizeEmail, register(down).find))]).toEqual([]);
});

/** Delivers to a table that takes everything, and says what it was asked to do. */
function delivered(
  sent: ReturnType<typeof batch>,
  mode: string,
  how: { look?: boolean; move?: boolean },
  found = register(),
) {
  const calls: unknown[] = [];
  const say = (way: string, ids: readonly string[], outcomes: readonly Outcome[]) => {
    calls.push([way, ...ids]);
    return outcomes;
  };
  /* oxlint-disable require-yield -- answers without asking */
  const table = {
    ...found,
    what: "email",
    look: how.look ?? false,
    *make(some: readonly MatchedRow[]) {
      return say(
        "make",
        some.map((row) => String(row.change.key)),
        some.map(() => accepted("new")),
      );
    },
    *change(some: readonly MatchedRow[]) {
      return say(
        "change",
        some.map(({ id }) => id ?? ""),
        some.map(({ id }) => accepted(id)),
      );
    },
    *remove(ids: readonly string[]) {
      calls.push(["remove", ...ids]);
      return accepted();
    },
  };
  /* oxlint-enable require-yield */
  const outcomes = ended(deliverRecords(sent, { mode }, table, how.move === undefined ? {} : { move: how.move }));
  return [calls, fates(outcomes)];
}

const three = batch("add", [person("ann"), person("cyra", held("cy", "7")), person("zoe")]);
const accepting = ["accepted", "accepted", "accepted"];

it.each([
  [
    "looked up first",
    "mirror",
    { look: true },
    [
      ["make", "zoe"],
      ["change", "1", "7"],
    ],
    accepting,
  ],
  [
    "upserted by value",
    "mirror",
    {},
    [
      ["make", "ann", "zoe"],
      ["change", "7"],
    ],
    accepting,
  ],
  ["that do not move", "mirror", { move: false }, [["make", "ann", "cyra", "zoe"]], accepting],
  ["in mode update", "update", {}, [["change", "1", "7"]], ["accepted", "accepted", "not_found"]],
] as const)("writes records %s", (_, mode, how, calls, outcomes) => {
  expect(delivered(three, mode, how)).toEqual([calls, outcomes]);
});

it("refuses the second of two rows with one value, and all rows where records cannot be found", () => {
  const look = { look: true };
  expect(delivered(batch("add", [person("ann"), person("ann")]), "mirror", look)).toEqual([
    [["change", "1"]],
    ["accepted", "duplicate_email"],
  ]);
  // Rows that are known by something else are no twins.
  expect(delivered(batch("add", [person(""), person("")]), "mirror", {})).toMatchObject([{}, ["accepted", "accepted"]]);
  expect(delivered(three, "mirror", look, register(down))).toEqual([[], ["unknown", "unknown", "unknown"]]);
});

it("removes each record once, and asks nothing for those who have none", () => {
  const remove = (names: readonly string[], found = register()) =>
    delivered(
      batch(
        "remove",
        names.map((name) => person(name)),
      ),
      "mirror",
      {},
      found,
    );
  expect(remove(["ann", "zoe", "ann"])).toEqual([[["remove", "1"]], accepting]);
  expect(remove(["zoe"])).toEqual([[], ["accepted"]]);
  expect(remove(["ann"], register(down))).toEqual([[], ["unknown"]]);
});

function listing(op: "add" | "remove", changes: readonly Change[], written: readonly Outcome[], found = register()) {
  const calls: unknown[] = [];
  /* oxlint-disable require-yield -- answers without asking */
  const way = function* (how: string, ids: readonly string[]) {
    calls.push([how, ...ids]);
    return (id: string): Outcome => (id === "2" ? rejected("gone", "gone") : accepted(id));
  };
  const write = function* () {
    return written;
  };
  /* oxlint-enable require-yield */
  return [calls, fates(ended(listRecords(batch(op, changes), found, write, way)))];
}

it("joins with the records that were written, each once", () => {
  const outcomes = [accepted("1"), rejected("invalid", "no"), accepted("2"), accepted("1"), accepted()];
  const people = outcomes.map((_, index) => person(`p${index}`));
  expect(listing("add", people, outcomes)).toEqual([
    [["add", "1", "2"]],
    ["accepted", "invalid", "gone", "accepted", "accepted"],
  ]);
  expect(listing("add", [person("ann")], [unknown("lost")])).toEqual([[], ["unknown"]]);
});

it("only takes out who leaves; nobody there has left already", () => {
  expect(listing("remove", [person("ann"), person("zoe"), person("bob")], [])).toEqual([
    [["remove", "1", "2"]],
    ["accepted", "accepted", "gone"],
  ]);
  expect(listing("remove", [person("zoe")], [])).toEqual([[], ["accepted"]]);
  expect(listing("remove", [person("ann")], [], register(down))).toEqual([[], ["unknown"]]);
});

const pair = (from: string, to: string, more: Partial<Change> = {}) =>
  change(`${from}${to}`, { identifiers: { from: `${from}@example.com`, to }, ...more });

function pairing(op: "add" | "remove", changes: readonly Change[], to = register(new Map([["acme", "8"]]), "to")) {
  const linked: RecordPair[] = [];
  // oxlint-disable-next-line require-yield -- answers without asking
  const link = function* (_: unknown, pairs: readonly RecordPair[]) {
    linked.push(...pairs);
    return pairs.map(({ from }) => (from === "2" ? rejected("no", "no") : accepted()));
  };
  const outcomes = ended(pairRecords(batch(op, changes), register(known, "from"), to, link));
  return [linked.map(({ from, to: other }) => `${from}/${other}`), outcomes];
}

it("links those whose both ends are there, and keeps their ids", () => {
  expect(pairing("add", [pair("ann", "acme"), pair("ann", "none"), pair("zoe", "acme"), pair("bob", "acme")])).toEqual([
    ["1/8", "2/8"],
    [
      accepted("1/8"),
      expect.objectContaining({ code: "lookup_missed" }),
      expect.objectContaining({ code: "lookup_missed" }),
      rejected("no", "no"),
    ],
  ]);
  expect(pairing("add", [pair("ann", "acme")], register(down, "to"))).toEqual([[], [unknown("HTTP 500")]]);
});

it("takes a pair apart by the ids it was linked with, whatever they are called by now", () => {
  const ids = [{ kind: "from+to", value: '["eve@example.com","gone"]', version: 1 }];
  const before = { ids, remoteId: "5/6" };
  const removed = [pair("eve", "gone", { before }), pair("zoe", "acme"), pair("ann", "acme", { before })];
  expect(pairing("remove", removed)).toEqual([
    ["5/6", "1/8"],
    [accepted("5/6"), accepted(), accepted("1/8")],
  ]);
});

it("takes one number of people as both bounds, and nothing that is no number", () => {
  expect([sizeOf(0), sizeOf(1000, 1100), sizeOf(-1, -1), sizeOf("7"), sizeOf(undefined)]).toEqual([
    { sizeLow: 0, sizeHigh: 0 },
    { sizeLow: 1000, sizeHigh: 1100 },
    {},
    {},
    {},
  ]);
});
