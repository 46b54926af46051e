import { describe, expect, it } from "vitest";
import { checkGuards, mergeGuards, type GuardFacts } from "../../src/engine/guards.ts";
import type { GuardSpec } from "../../src/project/project.ts";

const calm: GuardFacts = {
  wanted: 1_000,
  held: 1_000,
  adds: 0,
  removes: 0,
  removedToday: 0,
  first: false,
  real: true,
  confirmed: false,
  addsMatter: false,
  stale: [],
  failedTests: [],
  nullShares: {},
};

const broken = (spec: GuardSpec, facts: Partial<GuardFacts>): readonly string[] =>
  checkGuards(mergeGuards(spec), { ...calm, ...facts })
    .filter(({ ok }) => !ok)
    .map(({ code }) => code);

describe("the defaults of decision 10", () => {
  it.each<[string, Partial<GuardFacts>, readonly string[]]>([
    ["nothing moves", {}, []],
    ["nobody is wanted while people are held", { wanted: 0 }, ["G1", "G2"]],
    ["nobody is wanted and nobody held", { wanted: 0, held: 0 }, []],
    ["a fifth less is allowed", { wanted: 800 }, []],
    ["more than a fifth less stops", { wanted: 799 }, ["G2"]],
    ["fewer than 50 people never shrink too much", { held: 100, wanted: 51 }, []],
    ["50 people of 100 do", { held: 100, wanted: 50 }, ["G2"]],
    ["twice as many is allowed", { wanted: 2_000 }, []],
    ["more than twice, by a thousand, stops", { wanted: 2_001 }, ["G3"]],
    ["small audiences may grow as they like", { held: 10, wanted: 1_009 }, []],
    ["growth from nothing counts", { held: 0, wanted: 1_000 }, []],
    ["a first run has no growth", { held: 0, wanted: 5_000, first: true, confirmed: true }, []],
    ["15 % of the people may leave", { removes: 150 }, []],
    ["more may not", { removes: 151 }, ["G4"]],
    ["20 people of 30 may leave", { held: 30, wanted: 30, removes: 20 }, []],
    ["21 of 30 may not", { held: 30, wanted: 30, removes: 21 }, ["G4"]],
    ["what left in the last 24 hours counts in", { held: 900, removes: 100, removedToday: 100 }, ["G4"]],
    ["a stale source", { stale: ["shop.orders"] }, ["G7"]],
    ["a first run of a real destination asks", { first: true }, ["G9"]],
    ["but not when it was confirmed", { first: true, confirmed: true }, []],
    ["nor when nothing real is called", { first: true, real: false }, []],
    ["a failing test upstream", { failedTests: ["customers.email › unique"] }, ["G10"]],
    ["many adds are fine where sending twice is", { adds: 900 }, []],
    ["but not where it harms, while the size hardly moves", { adds: 900, addsMatter: true }, ["G11"]],
    ["unless it is growth", { adds: 900, wanted: 1_900, addsMatter: true }, []],
  ])("%s", (_, facts, codes) => {
    expect(broken({}, facts)).toEqual(codes);
  });
});

describe("limits of one's own", () => {
  it.each<[string, GuardSpec, Partial<GuardFacts>, readonly string[]]>([
    ["empty: allow", { empty: "allow", shrink: "off" }, { wanted: 0 }, []],
    ["an absolute cap on removals", { remove: { rows: 5 } }, { removes: 6 }, ["G4"]],
    ["removals switched off", { remove: "off" }, { removes: 900 }, []],
    ["a share with a floor of one's own", { remove: { share: { share: 0.01 }, min: 2 } }, { removes: 11 }, ["G4"]],
    ["min_rows", { min_rows: 1_001 }, {}, ["G5"]],
    ["max_rows", { max_rows: 999 }, {}, ["G6"]],
    ["null_share", { null_share: { email: { share: 0.05 } } }, { nullShares: { email: 0.06 } }, ["G8"]],
    ["null_share not reached", { null_share: { email: { share: 0.05 } } }, { nullShares: { email: 0.05 } }, []],
    ["freshness: allow", { freshness: "allow" }, { stale: ["shop.orders"] }, []],
    ["tests: allow", { tests: "allow" }, { failedTests: ["x"] }, []],
    ["first_run: allow", { first_run: "allow" }, { first: true }, []],
    ["adds: off", { adds: "off" }, { adds: 900, addsMatter: true }, []],
  ])("%s", (_, spec, facts, codes) => {
    expect(broken(spec, facts)).toEqual(codes);
  });
});

it("takes each key from the first level that names it", () => {
  const environment: GuardSpec = { min_rows: 1 };
  const sync: GuardSpec = { min_rows: 2, max_rows: 20 };
  const project: GuardSpec = { max_rows: 30, growth: { share: 0.5 } };
  expect(mergeGuards(environment, sync, project)).toEqual({
    empty: "stop",
    shrink: { share: 0.2 },
    growth: { share: 0.5 },
    remove: { share: { share: 0.15 }, min: 20 },
    freshness: "stop",
    first_run: "confirm",
    tests: "stop",
    min_rows: 1,
    max_rows: 20,
  });
});
