/**
 * `npm run simulate -- [--seeds N] [--from N] [--seed N] [--planted-bugs]`: simulated lives of a sync, one per seed.
 *
 * Exit 1 when an invariant or promise is broken, or when a planted bug is not found; the smallest failing seed is shrunk.
 */
import { parseArgs } from "node:util";
import { plantedBugs } from "./planted-bugs.ts";
import { soundRules, type RuleSet } from "./rule-set.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink, simulate, type Failure } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    "planted-bugs": { type: "boolean", default: false },
  },
});
const first = number(values.seed ?? values.from);
const count = values.seed === undefined ? number(values.seeds) : 1;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const result = values["planted-bugs"] ? findPlanted() : runSeeds();
say(`${result.passed} passed, ${result.failed} failed`);
process.exitCode = result.failed === 0 ? 0 : 1;

function runSeeds(): { readonly passed: number; readonly failed: number } {
  const started = performance.now();
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const failure = simulate(seed, soundRules);
    if (failure !== null) failures.push(failure);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`seeds ${first} to ${first + count - 1}, ${seconds} s`);
  if (failures[0] !== undefined) tell(failures[0], soundRules);
  return { passed: count - failures.length, failed: failures.length };
}

function findPlanted(): { readonly passed: number; readonly failed: number } {
  let passed = 0;
  for (const { rule, wrong, rules } of plantedBugs) {
    const found = firstFailure(rules);
    if (found === null) say(`${rule} NOT FOUND in ${count} seeds: ${wrong}`);
    else {
      passed += 1;
      say(`${rule} found by seed ${found.seed} (${found.message}): ${wrong}`);
    }
  }
  return { passed, failed: plantedBugs.length - passed };
}

function firstFailure(rules: RuleSet): Failure | null {
  for (let seed = first; seed < first + count; seed++) {
    const failure = simulate(seed, rules);
    if (failure !== null) return failure;
  }
  return null;
}

function tell(failure: Failure, rules: RuleSet): void {
  const smallest = shrink(failure, rules);
  const { policy } = scenarioOf(failure.seed);
  say(`seed ${failure.seed} (${policy.kind}, ${policy.mode}, on_leave ${policy.onLeave}, ${policy.delivery})`);
  say(`  ${smallest.message}`);
  say(`  shrunk from ${failure.events.length} to ${smallest.events.length} events:`);
  for (const event of smallest.events) say(`  ${JSON.stringify(event)}`);
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`expected a whole number above 0, found ${text}`);
  return value;
}
