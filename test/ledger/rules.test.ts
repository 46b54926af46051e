import { describe, expect, test } from "vitest";
import type { SentIdentifier } from "../../src/core.ts";
import * as rules from "../../src/ledger/rules.ts";
import type {
  Ask,
  AskContext,
  LedgerRow,
  PartOutcome,
  Policy,
  RowState,
  SettleInput,
  Wanted,
} from "../../src/ledger/rules.ts";

const id = (value: string): SentIdentifier => ({ kind: value.startsWith("+") ? "phone" : "email", value, version: 1 });
const ids = (text: string): readonly SentIdentifier[] => (text === "" ? [] : text.split(" ").map(id));
const minute = 60_000;
const hour = 60 * minute;
const giveUp: Policy["giveUp"] = { attempts: 5, ageMs: 24 * hour };

const policyOf = (text: string): Policy => {
  const [kind, mode, onLeave, delivery = "set"] = text.split(" ") as [
    Policy["kind"],
    Policy["mode"],
    Policy["onLeave"],
    Policy["delivery"],
  ];
  return { kind, mode, onLeave, delivery, lateMs: 15 * minute, adopt: false, giveUp };
};
const mirror = policyOf("membership mirror remove");

const row = (state: RowState, h: string | null, held: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  k: "k1",
  h,
  hFast: null,
  m: 1,
  ids: ids(held),
  state,
  doubtAt: null,
  remoteId: null,
  idem: null,
  fields: null,
  runId: "r1",
  sentAt: 1,
  ...more,
});
const wanted = (h: string, named: string): Wanted => ({ h, hFast: null, m: 1, ids: ids(named) });
const isE1 = (id_: SentIdentifier): boolean => id_.value === "e1";
const yes = (): boolean => true;
const calm: AskContext = { reason: "left", denied: () => false, refreshDue: false };

/** An ask in one line: `update +e1 -e0`, `silent left h=A`, `nothing same`. */
function say(ask: Ask): string {
  if (ask.kind === "nothing") return `nothing ${ask.because}`;
  if (ask.kind === "silent") return ask.row === null ? "silent dropped" : `silent ${ask.row.state} h=${ask.row.h}`;
  const parts = ask.parts.map((part) => `${part.op === "add" ? "add:" : "remove:"}${part.id.value}`);
  return [ask.op, ...parts, ...(ask.byRemoteId ? ["by remote id"] : [])].join(" ");
}

describe("askOf: the state table", () => {
  const doubt = row("doubt", null, "e0 e1", { doubtAt: 5 });
  test.each<[string, LedgerRow | null, Wanted | null, string]>([
    ["no row, wanted", null, wanted("A", "e1 +1"), "add add:e1 add:+1"],
    ["no row, not wanted", null, null, "nothing none"],
    ["ok, same", row("ok", "A", "e1"), wanted("A", "e1"), "nothing same"],
    ["ok, other content", row("ok", "A", "e1"), wanted("B", "e1"), "update add:e1"],
    ["ok, other identifiers", row("ok", "A", "e0 e1"), wanted("B", "e1 e2"), "update add:e1 add:e2 remove:e0"],
    ["ok, not wanted", row("ok", "A", "e1 +1"), null, "remove remove:e1 remove:+1"],
    ["doubt, wanted", doubt, wanted("A", "e1"), "update add:e1 remove:e0"],
    ["doubt, not wanted", doubt, null, "remove remove:e0 remove:e1"],
    ["owed, wanted", row("owed", null, "e0"), wanted("A", "e1"), "update add:e1 remove:e0"],
    ["owed, waiting for a withheld removal", row("owed", "A", "e0 e1"), wanted("A", "e1"), "update remove:e0"],
    ["owed, not wanted", row("owed", null, "e0"), null, "remove remove:e0"],
    ["left, wanted, other h", row("left", "A", "e1"), wanted("B", "e1"), "update add:e1"],
    ["left, not wanted", row("left", "A", "e1"), null, "nothing left"],
    ["assumed, same h", row("assumed", "A", "e1"), wanted("A", "e1"), "nothing same"],
    ["assumed, other h", row("assumed", "A", "e0"), wanted("B", "e1"), "update add:e1"],
    ["assumed, not wanted", row("assumed", "A", "e1"), null, "silent dropped"],
    ["held, wanted, same h", row("held", "A", "e1"), wanted("A", "e1"), "nothing held"],
    ["held, wanted, other h", row("held", "A", "e1"), wanted("B", "e2"), "nothing held"],
    ["held, not wanted", row("held", "A", "e1"), null, "nothing held"],
    ["wanted, but without identifiers", row("ok", "A", "e1"), wanted("B", ""), "remove remove:e1"],
    ["one identifier twice", null, wanted("A", "e1 e1"), "add add:e1"],
    ["row without identifiers, not wanted", row("ok", "A", ""), null, "silent dropped"],
  ])("%s", (_name, before, today, expected) => {
    expect(say(rules.askOf(before, today, mirror, calm))).toBe(expected);
  });

  test("left with keep comes back unchanged: ok without a request (R14)", () => {
    expect(say(rules.askOf(row("left", "A", "e1"), wanted("A", "e1"), policyOf("membership upsert keep"), calm))).toBe(
      "silent ok h=A",
    );
  });
  test("assumed is removed on leave when adopted (R15)", () => {
    expect(say(rules.askOf(row("assumed", "A", "e1"), null, { ...mirror, adopt: true }, calm))).toBe(
      "remove remove:e1",
    );
  });
  test("fast fingerprints are enough to be the same", () => {
    const before = row("ok", "other", "e1", { hFast: "f" });
    expect(say(rules.askOf(before, { ...wanted("A", "e1"), hFast: "f" }, mirror, calm))).toBe("nothing same");
  });
  test("keyed doubt waits for its replay (R33)", () => {
    const before = row("doubt", null, "e1", { idem: "{}" });
    expect(say(rules.askOf(before, wanted("A", "e1"), policyOf("membership mirror remove keyed"), calm))).toBe(
      "nothing replay",
    );
  });
  test("refresh sends the same again (R39)", () => {
    expect(say(rules.askOf(row("ok", "A", "e1"), wanted("A", "e1"), mirror, { ...calm, refreshDue: true }))).toBe(
      "refresh add:e1",
    );
  });
});

describe("askOf: modes and on_leave", () => {
  const record = row("ok", "A", "e1", { remoteId: "7" });
  const ok = row("ok", "A", "e1");
  test.each<[string, string, LedgerRow | null, Wanted | null, string]>([
    ["keep leaves the row", "membership upsert keep", ok, null, "silent left h=A"],
    ["keep forgets unknown content", "membership upsert keep", row("doubt", null, "e1"), null, "silent left h=null"],
    ["set says farewell", "membership mirror set", ok, null, "set add:e1"],
    ["set: left and still gone", "membership mirror set", row("left", null, "e1"), null, "nothing left"],
    [
      "set: back with the same data",
      "membership mirror set",
      row("left", null, "e1"),
      wanted("A", "e1"),
      "update add:e1",
    ],
    ["delete archives", "record mirror delete", record, null, "remove remove:e1 by remote id"],
    ["record: write whole, once", "record upsert keep", null, wanted("A", "e1 +1"), "add add:e1"],
    ["record: other identifier (R10)", "record upsert keep", record, wanted("B", "e2"), "update add:e2 by remote id"],
    [
      "record: older identifiers are no difference",
      "record upsert keep",
      row("ok", "A", "e0 e1"),
      wanted("A", "e1"),
      "nothing same",
    ],
    ["update: new key", "record update keep", null, wanted("A", "e1"), "add add:e1"],
    ["add: other content", "membership add keep", ok, wanted("B", "e1"), "nothing untouched"],
    ["add: identifiers only grow (R37)", "membership add keep", ok, wanted("B", "e2"), "update add:e2"],
    ["add: doubt", "membership add keep", row("doubt", null, "e1"), wanted("A", "e1"), "update add:e1"],
    ["add: leaves", "membership add keep", ok, null, "silent left h=A"],
    ["add: back", "membership add keep", row("left", "A", "e1"), wanted("A", "e1"), "silent ok h=A"],
    ["remove: new key", "membership remove keep", null, wanted("A", "e1 +1"), "remove remove:e1 remove:+1"],
    ["remove: acknowledged", "membership remove keep", ok, wanted("B", "e1"), "nothing untouched"],
    ["remove: further identifier", "membership remove keep", ok, wanted("B", "e1 e2"), "remove remove:e2"],
    ["remove: doubt", "membership remove keep", row("doubt", null, ""), wanted("A", "e1"), "remove remove:e1"],
    ["remove: no longer listed", "membership remove keep", ok, null, "silent dropped"],
    ["append: new key", "event append keep", null, wanted("A", "k1"), "add add:k1"],
    ["append: sent, changed", "event append keep", row("ok", "A", "k1"), wanted("B", "k1"), "nothing untouched"],
    ["append: gone from the source", "event append keep", row("ok", "A", "k1"), null, "nothing untouched"],
    ["append: doubt of set", "event append keep", row("doubt", null, "k1"), wanted("A", "k1"), "add add:k1"],
    ["append: held", "event append keep once", row("held", "A", "k1"), wanted("A", "k1"), "nothing held"],
  ])("%s", (_name, policy, before, today, expected) => {
    expect(say(rules.askOf(before, today, policyOf(policy), calm))).toBe(expected);
  });
});

describe("askOf: privacy (R9, R14)", () => {
  test.each<[string, string, LedgerRow, Wanted | null, Partial<AskContext>, string]>([
    ["left goes", "membership upsert keep", row("left", "A", "e1"), null, { reason: "consent" }, "remove remove:e1"],
    [
      "held goes",
      "membership mirror remove once",
      row("held", "A", "e1"),
      null,
      { reason: "erasure" },
      "remove remove:e1",
    ],
    [
      "assumed goes",
      "membership mirror remove",
      row("assumed", "A", "e1"),
      null,
      { reason: "suppression" },
      "remove remove:e1",
    ],
    [
      "a wanted key loses a denied identifier",
      "membership mirror remove",
      row("ok", "A", "e1 +1"),
      wanted("B", "+1"),
      { denied: isE1 },
      "update add:+1 remove:e1",
    ],
    [
      "left loses a denied identifier",
      "membership upsert keep",
      row("left", "A", "e1 +1"),
      null,
      { denied: isE1 },
      "remove remove:e1",
    ],
    [
      "set loses one and says farewell to the rest",
      "membership mirror set",
      row("ok", "A", "e1 +1"),
      null,
      { denied: isE1 },
      "set remove:e1 add:+1",
    ],
    [
      "a kept record is not deleted by withdrawal",
      "record upsert keep",
      row("ok", "A", "e1"),
      null,
      { reason: "consent" },
      "silent left h=A",
    ],
    [
      "a kept record is deleted by erasure",
      "record upsert keep",
      row("left", "A", "e1"),
      null,
      { reason: "erasure" },
      "remove remove:e1",
    ],
  ])("%s", (_name, policy, before, today, context, expected) => {
    expect(say(rules.askOf(before, today, policyOf(policy), { ...calm, ...context }))).toBe(expected);
  });

  test("a denied key takes today's identifiers, or its row's when the model has forgotten it", () => {
    expect(rules.deniedIdentifiers(ids("e2"), row("ok", "A", "e1"))).toEqual(ids("e2"));
    expect(rules.deniedIdentifiers(null, row("ok", "A", "e1"))).toEqual(ids("e1"));
    expect(rules.withoutDenied(ids("e1 e2"), isE1)).toEqual(ids("e2"));
  });
});

describe("netKey: at most one op per identifier (R12)", () => {
  const rivals: rules.Rivals = { carried: () => false, kept: () => false, leaderOf: () => "k1", holder: () => "none" };
  const part = (op: "add" | "remove"): Ask => ({
    kind: "send",
    op: "update",
    parts: [{ op, id: id("e1") }],
    byRemoteId: false,
  });
  const set: Ask = { kind: "send", op: "set", parts: [{ op: "add", id: id("e1") }], byRemoteId: false };
  test.each<[string, string, Ask, Partial<rules.Rivals>, rules.Netted[]]>([
    ["nothing in the way", "membership mirror remove", part("add"), {}, ["send"]],
    ["remove, carried by a wanted key", "membership mirror remove", part("remove"), { carried: yes }, ["withheld"]],
    ["remove, held by one who was kept", "membership upsert keep", part("remove"), { kept: yes }, ["withheld"]],
    ["farewell, carried by a wanted key", "membership mirror set", set, { carried: yes }, ["withheld"]],
    ["farewell, held by one who was kept", "membership mirror set", set, { kept: yes }, ["send"]],
    ["mode remove withholds nothing", "membership remove keep", part("remove"), { carried: yes, kept: yes }, ["send"]],
    ["another key leads", "membership mirror remove", part("add"), { leaderOf: () => "k0" }, ["follow"]],
    ["events are never shared", "event append keep", part("add"), { leaderOf: () => "k0" }, ["send"]],
    ["record: its identifier is moving away", "record upsert keep", part("add"), { holder: () => "moves" }, ["wait"]],
    ["record: another row has the identifier", "record upsert keep", part("add"), { holder: () => "stays" }, ["take"]],
    ["nothing asked", "membership mirror remove", { kind: "nothing", because: "same" }, {}, []],
  ])("%s", (_name, policy, ask, others, expected) => {
    expect(rules.netKey("k1", ask, policyOf(policy), { ...rivals, ...others })).toEqual(expected);
  });

  test("netAll: the smallest key leads, held-back parts neither lead nor leave", () => {
    const today = new Map([1, 2, 3].map((n) => [`k${n}`, wanted("A", "e1")] as const));
    const asks = new Map([...today].map(([k, one]) => [k, rules.askOf(null, one, mirror, calm)] as const));
    const situation = { policy: mirror, wanted: today, rows: new Map(), denied: () => false };
    expect([...rules.netAll(situation, asks, (k) => k === "k1")]).toEqual([
      ["k1", ["wait"]],
      ["k2", ["send"]],
      ["k3", ["follow"]],
    ]);
  });
  test("records: the first of two keys with one identifier counts (R10)", () => {
    expect([
      ...rules.duplicatesOf(
        new Map([
          ["k2", wanted("B", "e1")],
          ["k1", wanted("A", "e1")],
        ]),
      ),
    ]).toEqual([["k2", "k1"]]);
  });
});

const outcome = (text: string, more: Partial<PartOutcome> = {}): PartOutcome => {
  const [op, value, verdict] = text.split(" ") as ["add" | "remove", string, PartOutcome["verdict"]];
  const none = { sentAt: 100 * minute, code: "c", message: "m", remoteId: null, byRemoteId: false, request: null };
  return { part: { op, id: id(value) }, verdict, ...none, ...more };
};

function inputOf(
  before: LedgerRow | null,
  today: Wanted | null,
  ended: readonly PartOutcome[],
  more: Partial<SettleInput> = {},
): SettleInput {
  const ask: Ask = {
    kind: "send",
    op: today === null ? "remove" : "update",
    parts: ended.map((one) => one.part),
    byRemoteId: false,
  };
  const times = { doubtAt: 101 * minute, now: 101 * minute, runId: "r2" };
  const rest = { rejections: [], policy: mirror, doubtOf: () => null, fields: "{}", ...times };
  return { k: "k1", row: before, wanted: today, ask, outcomes: ended, ...rest, ...more };
}

const short = (one: LedgerRow | null): string => {
  if (one === null) return "no row";
  const doubt = one.doubtAt === null ? "" : ` @${one.doubtAt / minute}`;
  return `${one.state} ${one.h} [${one.ids.map((each) => each.value).join(" ")}]${doubt}`;
};

const worst = (...texts: string[]) => rules.outcomeOf(texts.map((one) => outcome(`add e1 ${one}`)));

describe("settleKey: the verdict table", () => {
  test.each<[string, LedgerRow | null, Wanted | null, string[], string]>([
    ["all adds accepted", null, wanted("A", "e1 +1"), ["add e1 accepted", "add +1 accepted"], "ok A [e1 +1]"],
    ["update accepted", row("ok", "A", "e1"), wanted("B", "e1"), ["add e1 accepted"], "ok B [e1]"],
    ["remove accepted", row("ok", "A", "e1"), null, ["remove e1 accepted"], "no row"],
    [
      "R1: add accepted, remove rejected",
      row("ok", "A", "e1"),
      wanted("B", "e2"),
      ["add e2 accepted", "remove e1 rejected"],
      "owed null [e1 e2]",
    ],
    [
      "R1: remove accepted, add rejected",
      row("ok", "A", "e1"),
      wanted("B", "e2"),
      ["add e2 rejected", "remove e1 accepted"],
      "owed null []",
    ],
    [
      "R1: remove accepted, add unknown",
      row("ok", "A", "e1"),
      wanted("B", "e2"),
      ["add e2 unknown", "remove e1 accepted"],
      "doubt null [e2] @101",
    ],
    [
      "one remove of two accepted",
      row("ok", "A", "e1 +1"),
      null,
      ["remove e1 accepted", "remove +1 rejected"],
      "owed null [+1]",
    ],
    ["R11: add rejected, no row", null, wanted("A", "e1"), ["add e1 rejected"], "no row"],
    ["R11: update rejected keeps h", row("ok", "A", "e1"), wanted("B", "e1"), ["add e1 rejected"], "ok A [e1]"],
    [
      "R11: one part of two applied",
      null,
      wanted("A", "e1 +1"),
      ["add e1 accepted", "add +1 rejected"],
      "owed null [e1]",
    ],
    ["skipped", row("ok", "A", "e1"), wanted("B", "e1"), ["add e1 skipped"], "ok A [e1]"],
    ["deferred", row("ok", "A", "e1"), null, ["remove e1 deferred"], "ok A [e1]"],
    ["unsent", null, wanted("A", "e1"), ["add e1 unsent"], "no row"],
    ["R2: one part unsent", null, wanted("A", "e1 +1"), ["add e1 accepted", "add +1 unsent"], "owed null [e1]"],
    ["unknown add", null, wanted("A", "e1"), ["add e1 unknown"], "doubt null [e1] @101"],
    ["unknown remove", row("ok", "A", "e1"), null, ["remove e1 unknown"], "doubt null [e1] @101"],
    ["R4: withheld remove of a leaver", row("ok", "A", "e1"), null, ["remove e1 withheld"], "owed null [e1]"],
    [
      "R4: wanted, waiting for a withheld remove",
      row("ok", "A", "e0"),
      wanted("B", "e1"),
      ["add e1 accepted", "remove e0 withheld"],
      "owed B [e0 e1]",
    ],
    [
      "old doubt confirmed",
      row("doubt", null, "e1", { doubtAt: 1 }),
      wanted("A", "e1"),
      ["add e1 accepted"],
      "ok A [e1]",
    ],
    [
      "doubt, then rejected",
      row("doubt", null, "e1", { doubtAt: 1 }),
      null,
      ["remove e1 rejected"],
      `doubt null [e1] @${1 / minute}`,
    ],
    [
      "R15: assumed, first write accepted",
      row("assumed", "A", "e0"),
      wanted("B", "e1"),
      ["add e1 accepted"],
      "ok B [e1]",
    ],
    [
      "R15: assumed, write rejected",
      row("assumed", "A", "e0"),
      wanted("B", "e1"),
      ["add e1 rejected"],
      "assumed A [e0]",
    ],
    ["R14: left, back", row("left", null, "e1"), wanted("A", "e1"), ["add e1 accepted"], "ok A [e1]"],
  ])("%s", (_name, before, today, ended, expected) => {
    expect(
      short(
        rules.settleKey(
          inputOf(
            before,
            today,
            ended.map((one) => outcome(one)),
          ),
        ).row,
      ),
    ).toBe(expected);
  });

  test.each<[string, string, LedgerRow | null, Wanted | null, string[], string]>([
    [
      "R13: once, unknown",
      "membership mirror remove once",
      null,
      wanted("A", "e1"),
      ["add e1 unknown"],
      "held A [e1] @101",
    ],
    ["R37: remove accepted", "membership remove keep", null, wanted("A", "e1"), ["remove e1 accepted"], "ok A [e1]"],
    [
      "R37: remove unknown",
      "membership remove keep",
      null,
      wanted("A", "e1"),
      ["remove e1 unknown"],
      "doubt null [] @101",
    ],
    ["append accepted", "event append keep", null, wanted("A", "k1"), ["add k1 accepted"], "ok A [k1]"],
    [
      "R10: record moved by match",
      "record upsert keep",
      row("ok", "A", "e1"),
      wanted("B", "e2"),
      ["add e2 accepted"],
      "ok B [e1 e2]",
    ],
    [
      "keep: denied part gone, rest stays",
      "membership upsert keep",
      row("left", "A", "e1 +1"),
      null,
      ["remove e1 accepted"],
      "left null [+1]",
    ],
  ])("%s", (_name, policy, before, today, ended, expected) => {
    const input = inputOf(
      before,
      today,
      ended.map((one) => outcome(one)),
      { policy: policyOf(policy) },
    );
    expect(short(rules.settleKey(input).row)).toBe(expected);
  });

  test("R10: a record renamed by its remote id has today's identifier only", () => {
    const before = row("ok", "A", "e1", { remoteId: "7" });
    const input = inputOf(before, wanted("B", "e2"), [outcome("add e2 accepted", { byRemoteId: true })], {
      policy: policyOf("record upsert keep"),
    });
    expect(short(rules.settleKey(input).row)).toBe("ok B [e2]");
  });
  test("R14: an accepted farewell leaves the row, content unknown", () => {
    const farewell: Ask = { kind: "send", op: "set", parts: [{ op: "add", id: id("e1") }], byRemoteId: false };
    const input = inputOf(row("ok", "A", "e1"), null, [outcome("add e1 accepted")], {
      ask: farewell,
      policy: policyOf("membership mirror set"),
    });
    expect(short(rules.settleKey(input).row)).toBe("left null [e1]");
  });
  test("R39: an accepted refresh moves sentAt and nothing else", () => {
    const refresh: Ask = { kind: "send", op: "refresh", parts: [{ op: "add", id: id("e1") }], byRemoteId: false };
    const before = row("ok", "A", "e1");
    const input = inputOf(before, wanted("A", "e1"), [outcome("add e1 accepted")], { ask: refresh });
    expect(rules.settleKey(input).row).toEqual({ ...before, sentAt: 101 * minute, runId: "r2" });
  });

  test.each<[string, number, string]>([
    ["sent while an older request may still take effect", 90, "doubt null [e1] @90"],
    ["sent after", 80, "no row"],
  ])("R8: remove accepted, %s", (_name, doubtAt, expected) => {
    const before = row("doubt", null, "e1", { doubtAt: doubtAt * minute });
    const input = inputOf(before, null, [outcome("remove e1 accepted")], { doubtOf: () => doubtAt * minute });
    expect(short(rules.settleKey(input).row)).toBe(expected);
  });
  test("R8: doubt covers the identifier, not the key", () => {
    const input = inputOf(null, wanted("A", "e1"), [outcome("add e1 accepted")], { doubtOf: () => 95 * minute });
    expect(short(rules.settleKey(input).row)).toBe("doubt null [e1] @95");
  });

  test("R33: keyed doubt remembers its request, and what the row becomes if it arrived", () => {
    const request = { key: "p:1:0", digest: "d", seq: 1 };
    const input = inputOf(null, wanted("A", "e1"), [outcome("add e1 unknown", { request })], {
      policy: policyOf("membership mirror remove keyed"),
    });
    const settled = rules.settleKey(input).row as LedgerRow;
    expect(rules.unansweredOf(settled)).toEqual({
      parts: [{ op: "add", id: id("e1"), ...request, at: 100 * minute }],
      afterwards: { h: "A", hFast: null, m: 1, ids: ids("e1") },
    });
    expect([settled.state, settled.fields]).toEqual(["doubt", "{}"]);
  });
  test("the outcome of a change is the worst of its parts (R2)", () => {
    expect([
      worst("accepted", "unsent"),
      worst("rejected", "unknown"),
      worst("withheld"),
      worst("accepted", "withheld"),
    ]).toEqual(["unsent", "unknown", "none", "accepted"]);
  });
});

describe("resolveCover (R4)", () => {
  const leaver = inputOf(row("ok", "A", "e1"), null, [outcome("remove e1 withheld")]);
  test("covered: the leaver's row goes", () => {
    expect(rules.resolveCover(rules.settleKey(leaver), leaver, () => true)).toBe(null);
  });
  test("not covered: it stays owed", () => {
    expect(short(rules.resolveCover(rules.settleKey(leaver), leaver, () => false))).toBe("owed null [e1]");
  });
  test("covered, but a request on it may still take effect: it stays (R8)", () => {
    const young = { ...leaver, row: row("doubt", null, "e1", { doubtAt: 95 * minute }) };
    expect(short(rules.resolveCover(rules.settleKey(young), young, () => true))).toBe("doubt null [e1] @95");
  });
  test("wanted: right once everything withheld is covered", () => {
    const mover = inputOf(row("ok", "A", "e0"), wanted("B", "e1"), [
      outcome("add e1 accepted"),
      outcome("remove e0 withheld"),
    ]);
    expect(short(rules.resolveCover(rules.settleKey(mover), mover, () => true))).toBe("ok B [e1]");
  });
  test("settleAll: a rejected rival covers nothing, an accepted one does", () => {
    const today = new Map([["k2", wanted("B", "e1")]]);
    const situation = {
      policy: mirror,
      wanted: today,
      rows: new Map([["k1", row("ok", "A", "e1")]]),
      denied: () => false,
    };
    const rival = (verdict: string) => ({
      ...inputOf(null, wanted("B", "e1"), [outcome(`add e1 ${verdict}`)]),
      k: "k2",
    });
    const after = (verdict: string) =>
      [...rules.settleAll(situation, [leaver, rival(verdict)]).rows].map(([k, one]) => `${k} ${short(one)}`);
    expect(after("rejected")).toEqual(["k1 owed null [e1]"]);
    expect(after("accepted")).toEqual(["k2 ok B [e1]"]);
  });
  test("settleAll: a record that another key wrote has unknown content (R10)", () => {
    const policy = policyOf("record upsert keep");
    const rows = new Map([["k0", row("left", "A", "e1", { k: "k0", remoteId: "7" })]]);
    const situation = { policy, wanted: new Map([["k1", wanted("B", "e1")]]), rows, denied: () => false };
    const write = inputOf(null, wanted("B", "e1"), [outcome("add e1 accepted", { remoteId: "7" })], { policy });
    const left = rules.settleAll(situation, [write]).rows.get("k0");
    expect([left?.h, left?.remoteId, left?.state]).toEqual([null, null, "left"]);
  });
});

const refuse = (part: rules.Part, h: string | null, times: readonly number[], after = giveUp) =>
  times.reduce<rules.Rejection | null>(
    (before, now) => rules.rejectAgain(before, { k: "k1", part, h, code: "c", message: "m" }, now, after),
    null,
  );

describe("rejections (R5, R6)", () => {
  const add = { op: "add", id: id("e1") } as const;
  const remove = { op: "remove", id: id("e1") } as const;

  test.each<[string, rules.Part, string | null, number[], "send" | "wait" | "dead"]>([
    ["first refusal waits", add, "A", [0], "wait"],
    ["five times in a short while: waits", add, "A", [0, 1, 2, 3, hour], "wait"],
    ["four times in two days: waits", add, "A", [0, 1, 2, 48 * hour], "wait"],
    ["five times and a day: dead", add, "A", [0, 1, 2, 3, 24 * hour], "dead"],
    ["R5: a remove never dies", remove, null, [0, 1, 2, 3, 4, 5, 240 * hour], "wait"],
    ["a farewell never dies", add, null, [0, 1, 2, 3, 4, 240 * hour], "wait"],
  ])("%s", (_name, part, h, times, expected) => {
    expect(rules.holdBack(refuse(part, h, times), times.at(-1) ?? 0)).toBe(expected);
  });
  test.each<[string, Policy["giveUp"], rules.Part, string | null, number[], "wait" | "dead"]>([
    ["twice within an hour", { attempts: 2, ageMs: hour }, add, "A", [0, 59 * minute], "wait"],
    ["twice in an hour", { attempts: 2, ageMs: hour }, add, "A", [0, hour], "dead"],
    ["at once", { attempts: 1, ageMs: 0 }, add, "A", [0], "dead"],
    ["five times and a day, of nine", { attempts: 9, ageMs: hour }, add, "A", [0, 1, 2, 3, 24 * hour], "wait"],
    ["R5: a remove never dies", { attempts: 1, ageMs: 0 }, remove, null, [0, hour], "wait"],
  ])("rejected_rows.retry says when: %s", (_name, after, part, h, times, expected) => {
    expect(rules.holdBack(refuse(part, h, times, after), times.at(-1) ?? 0)).toBe(expected);
  });
  test("back-off is capped at a day, then the part is sent again", () => {
    const often = refuse(
      remove,
      null,
      Array.from({ length: 20 }, (_, n) => n),
    );
    expect(often?.nextAfter).toBe(19 + 24 * hour);
    expect(rules.holdBack(often, 19 + 24 * hour)).toBe("send");
    expect(rules.holdBack(null, 0)).toBe("send");
  });
  test("matches key, op, identifier and content, nothing less (R6)", () => {
    const rejection = refuse(add, "A", [0]) as rules.Rejection;
    const tries = [
      ["k1", add, "A"],
      ["k2", add, "A"],
      ["k1", remove, null],
      ["k1", add, "B"],
      ["k1", { op: "add", id: id("e2") }, "A"],
    ] as const;
    expect(tries.map(([k, part, h]) => rules.matches(rejection, k, part, h))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
  test("what is no longer asked, or was accepted, is forgotten; what is refused again counts on", () => {
    const dead = refuse(add, "A", [0, 1, 2, 3, 24 * hour]) as rules.Rejection;
    const after = (today: Wanted | null, text: string) =>
      rules
        .settleKey(inputOf(null, today, [outcome(text)], { rejections: [dead] }))
        .rejections.map((one) => [one.op, one.h, one.attempts]);
    expect(after(wanted("A", "e1"), "add e1 deferred")).toEqual([["add", "A", 5]]);
    expect(after(wanted("A", "e1"), "add e1 accepted")).toEqual([]);
    expect(after(wanted("A", "e1"), "add e1 rejected")).toEqual([["add", "A", 6]]);
    expect(after(wanted("B", "e1"), "add e1 rejected")).toEqual([["add", "B", 1]]);
    expect(after(null, "remove e1 deferred")).toEqual([]);
  });
  test("mode update: absent is looked for again after a week (R37)", () => {
    const ended = [outcome("add e1 skipped", { code: "not_found" })];
    const [held] = rules.settleKey(
      inputOf(null, wanted("A", "e1"), ended, { policy: policyOf("record update keep") }),
    ).rejections;
    expect([held?.code, held?.dead, (held?.nextAfter ?? 0) - 101 * minute]).toEqual([
      "not_found",
      false,
      7 * 24 * hour,
    ]);
  });
});

describe("recover (R7, R13, R33)", () => {
  const none = { flushed: null, journalled: null, intent: false, seq: 5, horizon: 9 };
  test.each<[string, Partial<Parameters<typeof rules.verdictOf>[0]>, rules.Verdict]>([
    ["flushed counts", { flushed: "rejected" }, "rejected"],
    ["journalled counts", { journalled: "accepted" }, "accepted"],
    ["below the horizon", {}, "unknown"],
    ["at the horizon", { horizon: 5 }, "unknown"],
    ["above the horizon", { horizon: 4 }, "unsent"],
    ["above, with an intent", { horizon: 4, intent: true }, "unknown"],
    ["nothing was ever allowed to leave", { horizon: null }, "unsent"],
  ])("%s", (_name, known, expected) => {
    expect(rules.verdictOf({ ...none, ...known })).toBe(expected);
  });

  const idem = JSON.stringify({
    parts: [{ op: "add", id: id("e1"), key: "x", digest: "d", seq: 1, at: 0 }],
    afterwards: { h: "A", hFast: null, m: 1, ids: ids("e1") },
  });
  const open = row("held", null, "e1", { idem, doubtAt: 1 });
  test.each<[string, rules.Verdict, string, number | null, string]>([
    ["delivered", "accepted", "membership mirror remove keyed", null, "ok A [e1]"],
    ["lost membership is owed", "rejected", "membership mirror remove keyed", null, "owed null [e1]"],
    ["lost event is forgotten", "rejected", "event append keep once", null, "no row"],
    ["still unknown", "unknown", "membership mirror remove keyed", null, `held null [e1] @${1 / minute}`],
    [
      "accepted beside another key's doubt",
      "accepted",
      "membership mirror remove keyed",
      7 * minute,
      "doubt null [e1] @7",
    ],
  ])("answered: %s", (_name, verdict, policy, doubt, expected) => {
    expect(short(rules.answered(open, [verdict], policyOf(policy), () => doubt))).toBe(expected);
  });
  test.each<[string, number, boolean, boolean, boolean]>([
    ["inside the window", hour - 1, true, false, true],
    ["window over", hour, true, false, false],
    ["another body", 1, false, false, false],
    ["a denied row in it", 1, true, true, false],
  ])("mayReplay: %s", (_name, now, sameDigest, forbidden, expected) => {
    const unanswered = rules.unansweredOf(open) as rules.Unanswered;
    expect(rules.mayReplay(unanswered, now, hour, { sameDigest, forbidden })).toBe(expected);
  });
});

const due = (asOf: number, spread: number) => rules.refreshDue(row("ok", "A", "e1", { sentAt: 0 }), 100, asOf, spread);

test("refreshDue: between 0.8 and 0.95 of the expiry, spread by key (R39)", () => {
  expect([due(80, 0), due(81, 0), due(81, 0.5), due(96, 0.99)]).toEqual([false, true, false, true]);
});

describe("what the simulator found beyond its first 1,000 seeds", () => {
  const keyed = policyOf("membership mirror remove keyed");
  const afterwardsOf = (one: LedgerRow | null | undefined) =>
    one === null || one === undefined ? undefined : rules.unansweredOf(one)?.afterwards;
  const request = { key: "x", digest: "d", seq: 1 };

  test.each<[string, number | null, boolean]>([
    ["a part accepted beside another key's old removal may still be undone by it", 95 * minute, false],
    ["one accepted with nobody in doubt is as good as answered", null, true],
  ])("keyed: %s (R8, R33)", (_name, doubt, certain) => {
    const ended = [outcome("add e1 unknown", { request }), outcome("add +1 accepted")];
    const doubtOf = ({ value }: SentIdentifier) => (value === "+1" ? doubt : null);
    const settled = rules.settleKey(inputOf(null, wanted("A", "e1 +1"), ended, { policy: keyed, doubtOf })).row;
    expect([settled?.state, afterwardsOf(settled) !== null]).toEqual(["doubt", certain]);
  });

  test.each([
    ["accepted", null],
    ["unknown", null],
    ["rejected", "A"],
  ])("a held row loses its right end to another key's removal that was %s (R13)", (verdict, h) => {
    const ended = [outcome("add e1 unknown", { request }), outcome("add +1 accepted")];
    const policy = policyOf("membership mirror remove once");
    const held = { ...rules.settleKey(inputOf(null, wanted("A", "e1 +1"), ended, { policy })).row!, k: "k2" };
    const leaver = inputOf(row("ok", "B", "+1"), null, [outcome(`remove +1 ${verdict}`)], { policy });
    const rows = new Map([
      ["k1", row("ok", "B", "+1")],
      ["k2", held],
    ]);
    const after = rules.settleAll({ policy, wanted: new Map(), rows, denied: () => false }, [leaver]).rows.get("k2");
    expect(afterwardsOf(after)?.h ?? null).toBe(h);
    expect(after?.ids).toEqual(held.ids);
  });

  test.each([
    ["accepted", "k2 owed null [e1]"],
    ["unknown", "k2 owed null [e1]"],
    ["rejected", "k2 ok A [e1]"],
  ])("a row whose own removal is held back is not right once another key's was %s", (verdict, expected) => {
    const rows = new Map([
      ["k1", row("ok", "B", "e1")],
      ["k2", row("ok", "A", "e1", { k: "k2" })],
    ]);
    const inputs = [
      inputOf(row("ok", "B", "e1"), null, [outcome(`remove e1 ${verdict}`)]),
      { ...inputOf(rows.get("k2") ?? null, null, [outcome("remove e1 deferred")]), k: "k2" },
    ];
    const after = rules.settleAll({ policy: mirror, wanted: new Map(), rows, denied: () => false }, inputs).rows;
    expect(`k2 ${short(after.get("k2") ?? null)}`).toBe(expected);
  });

  test("a record that another key wrote is not right once its own request turns out to have come first (R10, R33)", () => {
    const policy = policyOf("record upsert keep keyed");
    const ended = [outcome("add e1 unknown", { request })];
    const open = { ...rules.settleKey(inputOf(null, wanted("A", "e1"), ended, { policy })).row!, k: "k2" };
    const write = inputOf(null, wanted("B", "e1"), [outcome("add e1 accepted", { remoteId: "r1" })], { policy });
    const situation = { policy, wanted: new Map([["k1", wanted("B", "e1")]]), rows: new Map([["k2", open]]) };
    const after = rules.settleAll({ ...situation, denied: () => false }, [write]).rows.get("k2");
    expect([afterwardsOf(open)?.h, afterwardsOf(after)]).toEqual(["A", null]);
  });

  test("records: nobody waits for a mover whose own write is held back", () => {
    const policy = policyOf("record update keep");
    const rows = new Map([
      ["k1", row("left", null, "e2 e3", { remoteId: "r1" })],
      ["k2", row("ok", "A", "e1", { k: "k2", remoteId: "r2" })],
    ]);
    const today = new Map([
      ["k2", wanted("A", "e2")],
      ["k3", wanted("C", "e1")],
    ]);
    const asks = new Map(
      [...today].map(([k, one]) => [k, rules.askOf(rows.get(k) ?? null, one, policy, calm)] as const),
    );
    const situation = { policy, wanted: today, rows, denied: () => false };
    const netted = (held: readonly string[]) =>
      [...rules.netAll(situation, asks, (k) => held.includes(k))].map(([k, fates]) => `${k} ${fates.join(" ")}`);
    expect(netted([])).toEqual(["k2 take", "k3 wait"]);
    expect(netted(["k2"])).toEqual(["k2 wait", "k3 take"]);
  });

  test("records: the farewell goes under the newest identifier, which its remote id has", () => {
    const policy = policyOf("record upsert set");
    const back = inputOf(
      row("left", null, "e1 e2", { remoteId: "r1" }),
      wanted("B", "e1"),
      [outcome("add e1 accepted", { remoteId: "r2" })],
      { policy },
    );
    const settled = rules.settleKey(back).row;
    expect(short(settled)).toBe("ok B [e2 e1]");
    expect(say(rules.askOf(settled, null, policy, calm))).toBe("set add:e1 by remote id");
  });

  test("mode add: an identifier nobody acknowledged is asked again when it is wanted again", () => {
    const policy = policyOf("membership add keep");
    const doubtful = row("doubt", null, "e1 +1", { doubtAt: minute });
    const settled = rules.settleKey(inputOf(doubtful, wanted("A", "e1"), [outcome("add e1 accepted")], { policy })).row;
    expect(short(settled)).toBe("ok A [e1 +1] @1");
    expect(say(rules.askOf(settled, wanted("A", "e1"), policy, calm))).toBe("nothing untouched");
    expect(say(rules.askOf(settled, wanted("B", "e1 +1"), policy, calm))).toBe("update add:e1 add:+1");
  });
});
