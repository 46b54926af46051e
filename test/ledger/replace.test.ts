/** Runs that replace their target, by the rules alone: a session that empties the target and fills it batch by batch. */
import { expect, it } from "vitest";
import type { SentIdentifier } from "../../src/core.ts";
import {
  askOf,
  identifierKey,
  netAll,
  replacedOutcomes,
  sameContent,
  settleAll,
  type Ask,
  type LedgerRow,
  type Netted,
  type Part,
  type PartOutcome,
  type Policy,
  type Replacement,
  type Verdict,
  type Wanted,
} from "../../src/ledger/rules.ts";
import { randomOf, type Random } from "../simulation/random.ts";

const lateMs = 100;
const policy: Policy = {
  kind: "membership",
  mode: "mirror",
  delivery: "set",
  onLeave: "remove",
  lateMs,
  adopt: false,
  giveUp: { attempts: 5, ageMs: 1 },
};
const ids = ["a", "b", "c", "d", "e"].map((value): SentIdentifier => ({ kind: "email", value, version: 1 }));
const keys = ["k1", "k2", "k3", "k4", "k5"];

/** How a session ends early: before a batch leaves, or with its answer lost, after it was applied, or before it will be. */
type Break = { readonly batch: number; readonly how: "put off" | "lost" | "applied" | "late" | "no end" };

class World {
  now = 1_000;
  rows: ReadonlyMap<string, LedgerRow> = new Map();
  wanted: ReadonlyMap<string, Wanted> = new Map();
  readonly platform = new Set<string>();
  /** Keys that are refused before they are sent. */
  refused: ReadonlySet<string> = new Set();
  /** A first batch that has yet to arrive. */
  late: ReadonlySet<string> | null = null;
  #lateAt = 0;
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  choose(): void {
    const { random } = this;
    const wanted = new Map<string, Wanted>();
    for (const k of keys.filter(() => random.chance(0.6))) {
      const own = ids.filter(() => random.chance(0.3));
      const print = own.map(({ value }) => value).join("");
      if (own.length > 0) wanted.set(k, { h: print, hFast: null, m: 1, ids: own });
    }
    this.wanted = random.chance(0.1) ? new Map() : wanted;
    this.refused = new Set(keys.filter(() => random.chance(0.15)));
  }

  /** A first batch of an earlier session arrives, within `lateMs`: it empties the target. */
  arrive(surely = true): void {
    if (this.late === null || (!surely && this.now - this.#lateAt < lateMs / 2 - 10)) return;
    this.platform.clear();
    for (const id of this.late) this.platform.add(id);
    this.late = null;
  }

  get isQuiet(): boolean {
    const right = (k: string, wanted: Wanted) => {
      const row = this.rows.get(k);
      return row?.state === "ok" && sameContent(row, wanted);
    };
    return [...this.wanted].every(([k, wanted]) => right(k, wanted)) && this.rows.size === this.wanted.size;
  }

  run(broken: Break | null): void {
    if (this.isQuiet) return;
    const before = new Map([...this.rows].map(([k, row]) => [k, { ...row, h: null, hFast: null }]));
    const context = { reason: "left", denied: () => false, refreshDue: false } as const;
    const asks = new Map(
      [...new Set([...this.wanted.keys(), ...before.keys()])]
        .toSorted()
        .map((k) => [k, askOf(before.get(k) ?? null, this.wanted.get(k) ?? null, policy, context)] as const),
    );
    const situation = { policy, wanted: this.wanted, rows: before, denied: () => false };
    const netted = netAll(situation, asks, () => false);
    const { verdicts, replacement } = this.#send(asks, netted, broken);
    const newest = Math.max(...[...before.values()].map(({ doubtAt }) => doubtAt ?? -1));
    const inputs = [...asks].map(([k, ask]) => ({
      k,
      row: before.get(k) ?? null,
      wanted: this.wanted.get(k) ?? null,
      ask,
      outcomes: replacedOutcomes(this.#outcomes(k, ask, asks, netted, verdicts), replacement),
      rejections: [],
      policy,
      doubtOf: () => (newest < 0 ? null : newest),
      doubtAt: this.now,
      now: this.now,
      runId: "r",
      fields: null,
      replacement,
    }));
    const after = settleAll(situation, inputs).rows;
    // Nothing older could undo it: whoever was sent whole is certain, and nobody stays in the ledger who was not sent.
    if (replacement?.fate === "closed" && newest < 0) {
      const arrived = inputs.filter(({ wanted, outcomes }) => wanted !== null && outcomes.every(isAccepted));
      expect(arrived.filter(({ k }) => after.get(k)?.state !== "ok")).toEqual([]);
      const absent = inputs.filter(({ outcomes }) => !outcomes.some((one) => one.part.op === "add" && isAccepted(one)));
      expect(absent.filter(({ k }) => after.has(k))).toEqual([]);
    }
    this.rows = new Map(
      [...after].map(([k, row]) => [k, row === before.get(k) ? (this.rows.get(k) as LedgerRow) : row]),
    );
  }

  /** Sends a session, or, with nobody to send, removals; gives the verdict of each key's request. */
  #send(asks: ReadonlyMap<string, Ask>, netted: ReadonlyMap<string, readonly Netted[]>, broken: Break | null) {
    const verdicts = new Map<string, Verdict>();
    const sends = (k: string, op: Part["op"]) => {
      const ask = asks.get(k);
      return ask?.kind === "send" && ask.parts.some((part, at) => part.op === op && netted.get(k)?.[at] === "send");
    };
    const writing = [...asks.keys()].filter((k) => sends(k, "add") && !this.refused.has(k));
    for (const k of asks.keys()) if (sends(k, "add") && this.refused.has(k)) verdicts.set(k, "rejected");
    if (writing.length === 0) {
      for (const [k, ask] of asks) {
        if (ask.kind !== "send" || broken !== null) continue;
        verdicts.set(`${k} remove`, "accepted");
        for (const [at, { op, id }] of ask.parts.entries())
          if (op === "remove" && netted.get(k)?.[at] === "send") this.platform.delete(identifierKey(id));
      }
      return { verdicts, replacement: null };
    }
    const began = this.now;
    for (let number = 0; number * 2 < writing.length; number += 1) {
      const batch = writing.slice(number * 2, number * 2 + 2);
      const people = batch.flatMap((k) => this.wanted.get(k)?.ids ?? []).map(identifierKey);
      const how = broken?.batch === number ? broken.how : null;
      if (how === "put off") {
        for (const k of batch) verdicts.set(k, "deferred");
        const told = unanswered(verdicts);
        return { verdicts: told, replacement: number === 0 ? null : ({ fate: "broken" } as const) };
      }
      for (const k of batch) verdicts.set(k, how === null ? "accepted" : "unknown");
      if (how === "late" && number === 0) {
        this.late = new Set(people);
        this.#lateAt = this.now;
      } else if (how !== "lost" && how !== "late") {
        if (number === 0) this.platform.clear();
        for (const id of people) this.platform.add(id);
      }
      if (how !== null && how !== "no end")
        return { verdicts: unanswered(verdicts), replacement: { fate: "broken" } as const };
      this.now += 1;
    }
    if (broken?.how === "no end") return { verdicts: unanswered(verdicts), replacement: { fate: "broken" } as const };
    return { verdicts, replacement: { fate: "closed", at: began } as Replacement };
  }

  #outcomes(
    k: string,
    ask: Ask,
    asks: ReadonlyMap<string, Ask>,
    netted: ReadonlyMap<string, readonly Netted[]>,
    verdicts: ReadonlyMap<string, Verdict>,
  ): readonly PartOutcome[] {
    if (ask.kind !== "send") return [];
    const none = { sentAt: this.now, code: "", message: "", remoteId: null, byRemoteId: false, request: null };
    return ask.parts.map((part, at): PartOutcome => {
      const fate = netted.get(k)?.[at];
      if (fate === "withheld") return { ...none, part, verdict: "withheld" };
      // A request carries all of its key: its own verdict counts for what another key sends too.
      const own = part.op === "add" && verdicts.has(k);
      const by = fate === "follow" && !own ? leaderOf(part, asks, netted) : k;
      return { ...none, part, verdict: verdicts.get(part.op === "add" ? by : `${by} remove`) ?? "unsent" };
    });
  }

  check(seed: number): void {
    const sure = [...this.rows.values()].filter(({ state, h }) => state === "ok" && h !== null);
    const lacking = sure.flatMap((row) => row.ids.map(identifierKey).filter((id) => !this.platform.has(id)));
    const known = new Set([...this.rows.values()].flatMap((row) => row.ids.map(identifierKey)));
    const unknown = [...this.platform, ...(this.late ?? [])].filter((id) => !known.has(id));
    expect({ seed, lacking, unknown }).toEqual({ seed, lacking: [], unknown: [] });
  }
}

const isAccepted = ({ verdict }: PartOutcome): boolean => verdict === "accepted";

/** Nothing of a session is accepted before its end. */
const unanswered = (verdicts: ReadonlyMap<string, Verdict>): Map<string, Verdict> =>
  new Map([...verdicts].map(([k, verdict]) => [k, verdict === "accepted" ? "unknown" : verdict]));

function leaderOf(part: Part, asks: ReadonlyMap<string, Ask>, netted: ReadonlyMap<string, readonly Netted[]>): string {
  const same = (one: Part) => one.op === part.op && identifierKey(one.id) === identifierKey(part.id);
  return [...asks].find(([k, ask]) => {
    const at = ask.kind === "send" ? ask.parts.findIndex(same) : -1;
    return at >= 0 && netted.get(k)?.[at] === "send";
  })?.[0] as string;
}

const breaks: readonly Break["how"][] = ["put off", "lost", "applied", "late", "no end"];

/** `MILLRACE_SEEDS=100000` looks further. */
it("nobody counts as sent whom the platform lacks, nobody it holds is forgotten, and in the end it holds the wanted", () => {
  for (let seed = 1; seed <= Number(process.env["MILLRACE_SEEDS"] ?? 3_000); seed += 1) {
    const random = randomOf(seed);
    const world = new World(random);
    for (let run = 0; run < 6; run += 1) {
      if (random.chance(0.8)) world.choose();
      world.run(random.chance(0.5) ? { batch: random.int(3), how: random.pick(breaks) } : null);
      world.check(seed);
      world.arrive(random.chance(0.3));
      world.check(seed);
      world.now += 1 + random.int(lateMs / 2);
      world.arrive(random.chance(0.3));
      world.check(seed);
    }
    world.arrive();
    world.refused = new Set();
    for (let run = 0; run < 2; run += 1) {
      world.now += lateMs;
      world.run(null);
      world.check(seed);
    }
    const wanted = [...world.wanted.values()].flatMap((one) => one.ids.map(identifierKey));
    expect({ seed, platform: [...world.platform].toSorted(), quiet: world.isQuiet }).toEqual({
      seed,
      platform: [...new Set(wanted)].toSorted(),
      quiet: true,
    });
  }
});
