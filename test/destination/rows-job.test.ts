import { expect, it } from "vitest";
import { accepted, type Effect, get, type Outcome, rejected, rowsJob, unknown } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

const rows = batch(
  "add",
  ["a", "b", "c"].map((key) => change(key)),
);
const bad = new Map<number, Outcome>([[1, rejected("bad", "row b")]]);

/** Runs to the end with a job that is done at the second look, or never. */
function run(begun: object, checkpoint?: unknown, doneAt = 2) {
  const effects: Effect[] = [];
  let looks = 0;
  const exchange = rowsJob<string>(rows, checkpoint === undefined ? {} : { checkpoint: checkpoint as never }, {
    *start() {
      return begun as never;
    },
    *poll(job, afterMs) {
      yield* get(`https://x.example.com/${job}`, { afterMs });
      return ++looks === doneAt ? accepted() : undefined;
    },
    polls: 2,
  });
  let step = exchange.next();
  while (step.done !== true) {
    effects.push(step.value);
    step = exchange.next();
  }
  return { outcomes: step.value, effects };
}

it("gives the refused rows their reasons and the others the job's fate, also in a later process", () => {
  const first = run({ job: "j1", refused: bad });
  const ended = [accepted(), rejected("bad", "row b"), accepted()];
  expect(first.outcomes).toEqual(ended);
  const [remembered] = first.effects.flatMap((effect) => ("checkpoint" in effect ? [effect.checkpoint] : []));
  const later = run({ job: "never begun" }, JSON.parse(JSON.stringify(remembered)));
  expect(later.outcomes).toEqual(ended);
  expect(later.effects.map((effect) => "http" in effect && effect.http.url)).toEqual([
    "https://x.example.com/j1",
    "https://x.example.com/j1",
  ]);
});

it("looks at nothing where every row was refused", () => {
  const all = new Map([0, 1, 2].map((row) => [row, rejected("bad", "no")] as const));
  const { outcomes, effects } = run({ refused: all });
  expect(outcomes).toEqual([...all.values()]);
  expect(effects.filter((effect) => "http" in effect)).toEqual([]);
});

it("gives all the outcome of a job that could not begin, and doubts one that runs on", () => {
  expect(run({ outcome: unknown("broken") }).outcomes).toEqual(rows.changes.map(() => unknown("broken")));
  const { outcomes } = run({ job: "j1", refused: bad }, undefined, 3);
  expect(outcomes.map(({ status }) => status)).toEqual(["unknown", "unknown", "unknown"]);
});
