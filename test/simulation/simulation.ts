/** One simulated life of a sync: its world, platform, ledger and clock, and the events that happen to them. */
import { doubtsOf, identifierKey } from "../../src/ledger/rules.ts";
import type { LedgerRow } from "../../src/ledger/rules.ts";
import type { SentIdentifier } from "../../src/core.ts";
import { checkInvariants } from "./invariants.ts";
import { Platform } from "./platform.ts";
import { randomOf, type Random } from "./random.ts";
import type { RuleSet } from "./rule-set.ts";
import { run } from "./runner.ts";
import { minute, scenarioOf, type Event, type Scenario } from "./scenario.ts";
import { Fenced, Journal, Store } from "./store.ts";
import { identifiersOf, mutate, newWorld, wantedOf, type World } from "./world.ts";

/** A broken promise or invariant; ends the simulation. */
export class Violation extends Error {
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`);
    this.rule = rule;
  }
}

export class Simulation {
  readonly scenario: Scenario;
  readonly rules: RuleSet;
  readonly world: World;
  readonly platform: Platform;
  readonly store: Store;
  readonly journal = new Journal();
  readonly clock: Clock;
  random: Random;
  faults = true;
  requests = 0;
  /** Rows in all requests so far. */
  sent = 0;
  /** Identifiers that two keys ever had in one plan: on memberships their content is whoever's. */
  readonly shared = new Set<string>();
  /** Parts that were put into a request, as `plan:seq/part`. */
  readonly asked = new Set<string>();
  /** Fingerprints of keys that were acknowledged whole and undisturbed, and have asked nothing else since. */
  readonly whole = new Map<string, string>();
  /** What was at the platform before we came. */
  readonly foreign = new Set<string>();

  constructor(seed: number, rules: RuleSet) {
    this.scenario = scenarioOf(seed);
    this.rules = rules;
    this.random = randomOf(seed + 77);
    this.world = newWorld(this.random);
    this.platform = new Platform(this.scenario);
    this.store = new Store(rules.fenced);
    this.clock = new Clock(() => this.random);
    this.breakRows();
    this.populate();
  }

  /** Some identifiers are refused as long as faults last: adds, removes, or whole batches that hold them. */
  private breakRows(): void {
    const ids = [...this.world].flatMap(([k, person]) => identifiersOf(k, person, this.scenario)).map(identifierKey);
    if (this.random.chance(0.6)) this.platform.bad.add(`add ${this.random.pick(ids)}`);
    if (this.random.chance(0.3)) this.platform.bad.add(`remove ${this.random.pick(ids)}`);
    if (this.random.chance(0.1)) this.platform.poison.add(this.random.pick(ids));
  }

  /** What others put at the platform: members to be removed or assumed, contacts to be updated. */
  private populate(): void {
    const { policy, fromNow } = this.scenario;
    const rows = new Map<string, LedgerRow>();
    for (const [k, person] of this.world) {
      const ids = identifiersOf(k, person, this.scenario);
      const there =
        policy.mode === "remove" || (fromNow && person.wanted) || (policy.mode === "update" && this.random.chance(0.6));
      if (!there) continue;
      for (const id of ids) {
        this.foreign.add(identifierKey(id));
        if (policy.kind === "record") this.platform.adopt(identifierKey(id));
        else this.platform.members.set(identifierKey(id), person.content);
      }
      const { h, hFast, m } = wantedOf(person, ids);
      const none = { doubtAt: null, remoteId: null, idem: null, fields: null, runId: "first", sentAt: 0 };
      if (fromNow) rows.set(k, { k, h, hFast, m, ids, state: "assumed", ...none });
    }
    this.store.rows = rows;
  }

  violate(rule: string, message: string): never {
    throw new Violation(rule, message);
  }

  /** Newest doubt on an identifier among the rows that pass, if a request may still take effect now. */
  youngDoubts(which: (row: LedgerRow) => boolean): (id: SentIdentifier) => number | null {
    const newest = doubtsOf([...this.store.rows.values()].filter(which));
    const { lateMs } = this.scenario.policy;
    return (id) => {
      const at = newest(id);
      return at !== null && this.clock.now < at + lateMs ? at : null;
    };
  }

  happen(event: Event): void {
    if (event.kind === "pass") this.pass(event.ms);
    else if (event.kind === "change") mutate(this.world, randomOf(event.seed));
    else {
      this.random = randomOf(event.seed);
      this.attempt(this.random.chance(0.25));
    }
  }

  pass(ms: number): void {
    this.clock.now += ms;
    this.platform.drain(this.clock.now);
  }

  /** A run that may die at any step, or be paused while another runner takes over (which may die as well). */
  private attempt(rivalled: boolean): void {
    const { random } = this;
    const dies = random.chance(0.35) ? random.int(40) : Infinity;
    const pauses = rivalled ? random.int(25) : Infinity;
    const steps = run(this);
    try {
      for (let step = 0; step < dies; step++) {
        if (step === pauses) {
          this.pass(minute + random.int(2 * minute));
          this.attempt(false);
        }
        if (steps.next().done === true) break;
      }
    } catch (error) {
      if (!(error instanceof Fenced)) throw error;
    }
    if (random.chance(dies < Infinity ? 0.3 : 0.02)) this.journal.lose();
    checkInvariants(this);
  }

  /** A run without faults, to its end. */
  cleanRun(): void {
    for (const step of run(this)) void step;
    checkInvariants(this);
  }
}

/** A clock that moves a few seconds with every request, and otherwise when told. */
class Clock {
  now = Date.UTC(2026, 0, 1);
  private readonly random: () => Random;

  constructor(random: () => Random) {
    this.random = random;
  }

  tick(): number {
    this.now += 1_000 + this.random().int(9_000);
    return this.now;
  }
}
