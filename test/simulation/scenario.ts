/** What kind of sync a seed simulates, and the events that happen to it. */
import type { Policy } from "../../src/ledger/rules.ts";
import { randomOf } from "./random.ts";

export const minute = 60_000;
export const lateMs = 15 * minute;
export const hour = 60 * minute;

export interface Scenario {
  readonly seed: number;
  readonly policy: Policy;
  /** How long a keyed platform remembers a key. */
  readonly windowMs: number;
  readonly fromNow: boolean;
  /** Events of this content are too old for the platform. */
  readonly tooOld: string | null;
}

/** Each event has its own seed, so that leaving one out while shrinking does not change the others. */
export type Event =
  | { readonly kind: "change"; readonly seed: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "run"; readonly seed: number };

type Choice = Pick<Policy, "kind" | "mode" | "onLeave"> & { readonly deliveries: readonly Policy["delivery"][] };

const choices: readonly Choice[] = [
  { kind: "membership", mode: "mirror", onLeave: "remove", deliveries: ["set", "set", "set", "keyed", "once"] },
  { kind: "membership", mode: "mirror", onLeave: "remove", deliveries: ["set", "set", "set", "keyed"] },
  { kind: "membership", mode: "mirror", onLeave: "remove", deliveries: ["set"] },
  { kind: "membership", mode: "mirror", onLeave: "set", deliveries: ["set"] },
  { kind: "membership", mode: "upsert", onLeave: "keep", deliveries: ["set", "keyed"] },
  { kind: "membership", mode: "add", onLeave: "keep", deliveries: ["set"] },
  { kind: "membership", mode: "remove", onLeave: "keep", deliveries: ["set"] },
  { kind: "record", mode: "mirror", onLeave: "delete", deliveries: ["set", "keyed"] },
  { kind: "record", mode: "upsert", onLeave: "keep", deliveries: ["set", "keyed"] },
  { kind: "record", mode: "upsert", onLeave: "set", deliveries: ["set"] },
  { kind: "record", mode: "update", onLeave: "keep", deliveries: ["set"] },
  { kind: "event", mode: "append", onLeave: "keep", deliveries: ["once", "keyed", "set"] },
];

export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed);
  const choice = random.pick(choices);
  const delivery = random.pick(choice.deliveries);
  const mirrors = choice.kind === "membership" && choice.mode === "mirror";
  const policy = { ...choice, delivery, lateMs, adopt: random.chance(0.5), giveUp: { attempts: 5, ageMs: 24 * hour } };
  const fromNow = mirrors && choice.onLeave === "remove" && random.chance(0.15);
  const windowMs = random.pick([2 * hour, 24 * hour]);
  const tooOld = choice.kind === "event" && random.chance(0.5) ? "A" : null;
  return { seed, policy, windowMs, fromNow, tooOld };
}

/** Six to sixteen runs with changes and time between them; in slow lives hours pass, so that refused rows are given up. */
export function eventsOf(seed: number): readonly Event[] {
  const random = randomOf(seed + 1_000_003);
  const slow = random.chance(0.25);
  const pauses = slow ? [7 * hour, 26 * hour] : [0, minute, 4 * minute, 20 * minute, 7 * hour, 26 * hour];
  const events: Event[] = [];
  for (let runs = 6 + random.int(11); runs > 0; runs--) {
    if (random.chance(slow ? 0.3 : 0.75)) events.push({ kind: "change", seed: random.int(2 ** 31) });
    const pause = random.pick(pauses);
    if (pause > 0) events.push({ kind: "pass", ms: pause });
    events.push({ kind: "run", seed: random.int(2 ** 31) });
  }
  return events;
}
