import { expect, it } from "vitest";
import {
  type Context,
  type Exchange,
  madeByFirstRows,
  type NamedTarget,
  unknown,
} from "../../src/destination/index.ts";

const ctx = (more: Partial<Context> = {}): Context => ({
  config: {},
  sync: "vip_to_there",
  runId: "run1",
  environment: "test",
  remote: { id: "new:run1:VIP: the best" },
  remoteConfig: {},
  mode: "mirror",
  asOf: 0,
  ...more,
});

/** Lists there are, one state after each look; what is waited for is noted. */
function lists(...states: readonly (readonly NamedTarget[])[]) {
  let look = 0;
  const kept = madeByFirstRows({
    what: "list",
    longest: 13,
    api: { words: () => "words", broken: () => unknown("broken") },
    // oxlint-disable-next-line require-yield -- answers without asking
    *list() {
      return states[Math.min(look++, states.length - 1)] ?? [];
    },
  });
  return { ...kept, looks: () => look };
}

function run<T>(exchange: Exchange<T>): { readonly value: T; readonly waited: number } {
  let waited = 0;
  for (let step = exchange.next(); ; step = exchange.next()) {
    if (step.done === true) return { value: step.value, waited };
    waited += "wait" in step.value ? step.value.wait : 0;
  }
}

const vip = { id: "7", name: "VIP: the best" };

it("takes the target that there is, or keeps its name and the run that may make it", () => {
  const remoteConfig = { name: "VIP: the best of all" };
  expect(run(lists([vip]).ensure(ctx({ remoteConfig }))).value).toEqual({ id: "7" });
  expect(run(lists([]).ensure(ctx({ remoteConfig }))).value).toEqual({ id: "new:run1:VIP: the best" });
  expect(run(lists([]).ensure(ctx({ remoteConfig: { id: 7 } }))).value).toEqual({ id: "7" });
  expect(() => run(lists([]).ensure(ctx({ remoteConfig: { create: false } })))).toThrow(/there is no list/);
});

it.each([
  ["an id of its own, without asking", { remote: { id: "9" } }, [], { id: "9" }, 0],
  ["the one of that name", {}, [vip, { id: "8", name: "other" }], { id: "7" }, 1],
  ["none yet, for the run that may make it", {}, [], { make: "VIP: the best" }, 1],
] as const)("finds %s", (_, more, there, target, looks) => {
  const { looks: looked, ...kept } = lists(there);
  expect(run(kept.target(ctx(more))).value).toEqual(target);
  expect(looked()).toBe(looks);
});

it.each([
  ["one that a later run does not find: it would hold that run's changes alone", { runId: "run2" }, [], "E811"],
  ["several of the name", {}, [vip, { ...vip, id: "8" }], "E810"],
] as const)("stops at %s", (_, more, there, code) => {
  expect(() => run(lists(there).target(ctx(more)))).toThrow(
    expect.objectContaining({ diagnostics: [expect.objectContaining({ code })] }),
  );
});

it("waits until what it made is listed, and leaves its rows in doubt where it never is", () => {
  const made = { status: "accepted" } as const;
  expect(run(lists([], [], [vip]).appeared(ctx(), made))).toEqual({ value: made, waited: 9000 });
  expect(run(lists([]).appeared(ctx(), made))).toEqual({
    value: { status: "unknown", message: "the list was made, but is not listed yet" },
    waited: 45_000,
  });
  const refused = { status: "rejected", code: "no", message: "no" } as const;
  expect(run(lists([]).appeared(ctx(), refused))).toEqual({ value: refused, waited: 0 });
});
