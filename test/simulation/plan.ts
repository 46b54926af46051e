/** Plans a simulated run: today's wanted keys, what each asks, and how the asks net out. */
import type { SentIdentifier } from "../../src/core.ts";
import {
  deniedIdentifiers,
  duplicatesOf,
  holdBack,
  identifierKey,
  netAll,
  rejectionHash,
  withoutDenied,
} from "../../src/ledger/rules.ts";
import type { Ask, LeaveReason, Part, Wanted } from "../../src/ledger/rules.ts";
import type { Simulation } from "./simulation.ts";
import type { Entry, Plan } from "./store.ts";
import { contentOf, identifiersOf, wantedOf } from "./world.ts";

/** Today's identifiers of all denied keys (R9); mode remove takes nobody's identifiers away by being denied. */
export function deniedToday(sim: Simulation): ReadonlySet<string> {
  const { scenario, world, store, rules } = sim;
  if (!rules.denial || scenario.policy.mode === "remove") return new Set();
  const ids = [...world].flatMap(([k, person]) =>
    person.denied ? deniedIdentifiers(identifiersOf(k, person, scenario), store.rows.get(k) ?? null) : [],
  );
  return new Set(ids.map(identifierKey));
}

/** Who is wanted today, as the platform would be given them; on records the first of two keys with one match counts. */
export function wantedToday(sim: Simulation, denied: ReadonlySet<string>): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const [k, person] of sim.world) {
    if (!person.wanted || person.denied) continue;
    const ids = withoutDenied(identifiersOf(k, person, sim.scenario), (id) => denied.has(identifierKey(id)));
    wanted.set(k, wantedOf(person, ids));
  }
  if (sim.scenario.policy.kind === "record") for (const k of duplicatesOf(wanted).keys()) wanted.delete(k);
  return wanted;
}

export function makePlan(sim: Simulation): Plan {
  const { scenario, store, rules, clock, random } = sim;
  const { policy } = scenario;
  const denied = deniedToday(sim);
  const isDenied = (id: SentIdentifier): boolean => denied.has(identifierKey(id));
  const wanted = wantedToday(sim, denied);
  const keys = [
    ...new Set([...wanted.keys(), ...store.rows.keys(), ...store.rejections.map((one) => one.k)]),
  ].toSorted();
  const asks = new Map<string, Ask>();
  for (const k of keys) {
    const sameRecord = policy.kind === "record" && store.rows.get(k)?.ids.some(isDenied) === true;
    const own = sim.world.get(k)?.denied === true;
    const why: LeaveReason = scenario.seed % 2 === 0 ? "erasure" : "consent";
    const reason: LeaveReason = own || (sameRecord && why === "erasure") ? why : "left";
    const context = { reason, denied: isDenied, refreshDue: sim.faults && random.chance(0.02) };
    asks.set(k, rules.askOf(store.rows.get(k) ?? null, wanted.get(k) ?? null, policy, context));
  }
  const heldBack = (k: string, part: Part): boolean => {
    const h = rejectionHash(part, wanted.get(k) ?? null);
    const found = store.rejections.filter((one) => rules.matches(one, k, part, h));
    return found.some((one) => holdBack(one, clock.now) !== "send");
  };
  const situation = { policy, wanted, rows: store.rows, denied: isDenied };
  const netted = netAll(situation, asks, heldBack, rules.netKey, rules.form);
  const entries: Entry[] = [];
  for (const k of keys) {
    const ask = asks.get(k) as Ask;
    const today = wanted.get(k) ?? null;
    if (ask.kind === "nothing" && !store.rejections.some((one) => one.k === k)) continue;
    const content = ask.kind === "send" && ask.op === "set" ? "SET" : contentOf(today?.h ?? ":");
    const remoteId = ask.kind === "send" && ask.byRemoteId ? (store.rows.get(k)?.remoteId ?? null) : null;
    entries.push({ seq: entries.length, k, ask, wanted: today, netted: netted.get(k) ?? [], remoteId, content });
  }
  noteShared(sim, wanted);
  const leads = leadsOf(sim, entries);
  return { id: `p${++store.plans}`, entries, leads, wanted, denied };
}

function noteShared(sim: Simulation, wanted: ReadonlyMap<string, Wanted>): void {
  const owner = new Map<string, string>();
  for (const [k, { ids }] of [...sim.store.rows, ...wanted]) {
    for (const id of ids.map(identifierKey)) {
      if ((owner.get(id) ?? k) !== k) sim.shared.add(id);
      owner.set(id, k);
    }
  }
}

/** Who sends for whom; two requests for one identifier in a plan break I4. */
function leadsOf(sim: Simulation, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const leads = new Map<string, string>();
  const touched = new Set<string>();
  for (const { seq, ask, netted } of entries) {
    if (ask.kind !== "send") continue;
    ask.parts.forEach((part, at) => {
      if (netted[at] !== "send" && netted[at] !== "take") return;
      const id = identifierKey(part.id);
      if (touched.has(id)) sim.violate("I4", `two ops on one identifier in a plan: ${id}`);
      touched.add(id);
      leads.set(`${part.op} ${id}`, `${seq}/${at}`);
    });
  }
  return leads;
}
