import { expect, test } from "vitest";
import { plantedBugs } from "./planted-bugs.ts";
import { soundRules } from "./rule-set.ts";
import { eventsOf } from "./scenario.ts";
import { shrink, simulate, type Failure } from "./simulate.ts";

test("100 seeds keep every promise", () => {
  const failures = Array.from({ length: 100 }, (_, at) => simulate(at + 1, soundRules)).filter((one) => one !== null);
  expect(failures).toEqual([]);
});

test.each(["R1", "R8", "R12"])("the planted bug %s is found", (rule) => {
  const rules = plantedBugs.find((one) => one.rule === rule)?.rules ?? soundRules;
  const seeds = Array.from({ length: 1000 }, (_, at) => at + 1);
  expect(seeds.find((seed) => simulate(seed, rules) !== null)).toBeTypeOf("number");
});

test("a failing seed shrinks to fewer events that still fail", () => {
  const rules = plantedBugs.find((one) => one.rule === "R9")?.rules ?? soundRules;
  const failure = simulate(2, rules) as Failure;
  const smallest = shrink(failure, rules);
  expect(smallest.events.length).toBeLessThan(eventsOf(2).length);
  expect(simulate(2, rules, smallest.events)?.message).toBe(smallest.message);
});
