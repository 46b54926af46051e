/** Runs a seed to its verdict, and shrinks a failing one. */
import { checkPromises } from "./promises.ts";
import type { RuleSet } from "./rule-set.ts";
import { eventsOf, type Event } from "./scenario.ts";
import { Simulation, Violation } from "./simulation.ts";

export interface Failure {
  readonly seed: number;
  readonly events: readonly Event[];
  readonly message: string;
}

/** Null when every invariant held and every promise was kept. */
export function simulate(seed: number, rules: RuleSet, events: readonly Event[] = eventsOf(seed)): Failure | null {
  const sim = new Simulation(seed, rules);
  try {
    for (const event of events) sim.happen(event);
    checkPromises(sim);
    return null;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { seed, events, message: error.message };
  }
}

/** Leaves out events, one at a time, as long as the seed still fails. */
export function shrink(failure: Failure, rules: RuleSet): Failure {
  let smallest = failure;
  for (let at = 0; at < smallest.events.length;) {
    const fewer = smallest.events.toSpliced(at, 1);
    const again = simulate(smallest.seed, rules, fewer);
    if (again === null) at += 1;
    else smallest = again;
  }
  return smallest;
}
