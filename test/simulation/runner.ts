/** The run protocol, step by step: every `yield` is a place where the process may die or be paused. */
import { answered, hold, identifierKey, mayReplay, unansweredOf, verdictOf } from "../../src/ledger/rules.ts";
import type { LedgerRow } from "../../src/ledger/rules.ts";
import { deliver } from "./deliver.ts";
import { deniedToday, makePlan } from "./plan.ts";
import { unsent } from "./rule-set.ts";
import { settleWindow } from "./settle-window.ts";
import type { Simulation } from "./simulation.ts";
import type { Plan, Result } from "./store.ts";

const windowRows = 3;

/** One run of the sync: lock, recover, replay, plan, deliver, settle, close. */
export function* run(sim: Simulation): Generator<string, void> {
  const { store, clock } = sim;
  store.fence += 1;
  const { fence } = store;
  yield "locked";
  yield* recover(sim, fence);
  yield* replay(sim, fence);
  const plan = makePlan(sim);
  yield "planned";
  if (plan.entries.length === 0) return;
  store.write(fence, null, () => {
    Object.assign(store, { open: plan, horizon: null, settledTo: -1, flushed: new Map(), heartbeat: clock.now });
  });
  yield "opened";
  const results = yield* deliver(sim, fence, plan);
  yield "delivered";
  yield* settle(sim, fence, plan, results, clock.now);
}

/** Settles what a run that died left open; its doubt dates from its last horizon or verdict write (R7, R8). */
function* recover(sim: Simulation, fence: number): Generator<string, void> {
  const { store, journal, rules } = sim;
  const plan = store.open;
  if (plan === null) return;
  const { intents, verdicts } = journal.of(plan.id);
  const results = new Map<string, Result>();
  for (const { seq, ask, netted } of plan.entries) {
    netted.forEach((fate, at) => {
      if (ask.kind !== "send" || (fate !== "send" && fate !== "take")) return;
      const flushed = rules.resultOf(store.flushed, seq, at);
      const journalled = rules.resultOf(verdicts, seq, at);
      const { horizon } = store;
      const intent = intents.has(`${seq}/${at}`);
      const fates = { flushed: flushed?.verdict ?? null, journalled: journalled?.verdict ?? null };
      const verdict = verdictOf({ ...fates, intent, seq, horizon });
      const sentAt = store.heartbeat;
      results.set(`${seq}/${at}`, { ...(flushed ?? journalled ?? { ...unsent, sentAt }), verdict });
    });
  }
  yield "recovering";
  yield* settle(sim, fence, plan, results, store.heartbeat);
}

function* settle(
  sim: Simulation,
  fence: number,
  plan: Plan,
  results: ReadonlyMap<string, Result>,
  doubtAt: number,
): Generator<string, void> {
  const { store } = sim;
  for (let from = store.settledTo + 1; from < plan.entries.length; from += windowRows) {
    const window = plan.entries.slice(from, from + windowRows);
    store.write(fence, plan.id, () => {
      settleWindow(sim, plan, window, results, doubtAt);
      store.settledTo = from + window.length - 1;
    });
    yield "settled a window";
  }
  store.write(fence, plan.id, () => {
    if (store.settledTo < plan.entries.length - 1) sim.violate("I6", "a plan is closed with rows unsettled");
    store.open = null;
    store.serial += 1;
  });
  yield "closed";
}

/** Keyed requests that were never answered are sent again under their keys, or held (R33). */
function* replay(sim: Simulation, fence: number): Generator<string, void> {
  const { store, scenario, clock, random } = sim;
  if (scenario.policy.delivery !== "keyed") return;
  const denied = deniedToday(sim);
  for (const [k, row] of store.rows) {
    const open = unansweredOf(row);
    if (row.state !== "doubt" || open === null) continue;
    const forbidden = open.parts.some((part) => denied.has(identifierKey(part.id)));
    const sameDigest = !sim.faults || random.chance(0.9);
    const goes = mayReplay(open, clock.now, scenario.windowMs, { sameDigest, forbidden });
    // The doubt dates from this sending on, before it leaves: a crash after it must not make it look old.
    const next: LedgerRow = goes ? { ...row, doubtAt: clock.now } : hold(row);
    store.write(fence, null, () => putRow(sim, k, next));
    yield "replay written down";
    if (goes) yield* replayRow(sim, fence, next);
  }
}

function* replayRow(sim: Simulation, fence: number, row: LedgerRow): Generator<string, void> {
  const { store, platform, clock, random, scenario } = sim;
  const open = unansweredOf(row);
  const [remoteId, content] = (row.fields ?? "|").split("|") as [string, string];
  const target = remoteId === "" ? null : remoteId;
  const asked = (open?.parts ?? []).map(({ op, id, key }) => ({ op, id, key, content, remoteId: target }));
  const reply = platform.request(asked, clock.tick(), random, sim.faults);
  yield "replayed";
  if (typeof reply === "string" && reply !== "refused") return;
  const answers = reply === "refused" ? asked.map(() => ({ status: "rejected" as const })) : reply.answers;
  const verdicts = answers.map((one) => (one.status === "accepted" ? "accepted" : "rejected"));
  const named = answers.find((one) => one.status === "accepted");
  const others = sim.youngDoubts((other) => other.k !== row.k);
  const known = { ...row, remoteId: (named?.status === "accepted" ? named.remoteId : null) ?? row.remoteId };
  store.write(fence, null, () => putRow(sim, row.k, answered(known, verdicts, scenario.policy, others)));
  yield "replay settled";
}

export function putRow(sim: Simulation, k: string, row: LedgerRow | null): void {
  const rows = new Map(sim.store.rows);
  if (row === null) rows.delete(k);
  else rows.set(k, row);
  sim.store.rows = rows;
}
