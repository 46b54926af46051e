/** Sends a plan in batches: horizon, intent, request, verdict; refused batches are bisected. */
import { contentOf } from "./world.ts";
import { identifierKey } from "../../src/ledger/rules.ts";
import type { Part } from "../../src/ledger/rules.ts";
import type { Asked } from "./platform.ts";
import type { Simulation } from "./simulation.ts";
import type { Entry, Plan, Result } from "./store.ts";

const batchRows = 3;
const horizonAhead = 2;

interface Sendable {
  readonly at: string;
  readonly seq: number;
  readonly asked: Asked;
  readonly entry: Entry;
}

export function* deliver(sim: Simulation, fence: number, plan: Plan): Generator<string, Map<string, Result>> {
  const { store, random, clock } = sim;
  const results = new Map<string, Result>();
  for (const batch of batchesOf(sim, plan)) {
    if (!store.holds(fence, plan.id)) break;
    const last = Math.max(...batch.map((one) => one.seq));
    if (last > (store.horizon ?? -1)) {
      store.write(fence, plan.id, () => {
        store.horizon = last + horizonAhead;
        store.heartbeat = clock.now;
      });
      yield "horizon";
    }
    yield* sendBatch(sim, fence, plan, batch, results);
    if (random.chance(0.3)) {
      store.write(fence, plan.id, () => {
        store.flushed = new Map(results);
        store.heartbeat = clock.now;
      });
      yield "flushed";
    }
  }
  return results;
}

function* sendBatch(
  sim: Simulation,
  fence: number,
  plan: Plan,
  batch: readonly Sendable[],
  results: Map<string, Result>,
): Generator<string, void> {
  const { store, journal, clock, platform, random, scenario } = sim;
  const { intents, verdicts } = journal.of(plan.id);
  for (const one of batch) intents.add(one.at);
  // The fence is asked before, not after, this pause: a stopped process sends one request when it wakes (R23).
  if (!store.holds(fence, plan.id)) return;
  yield "intent";
  const owner = store.holds(fence, plan.id);
  if (owner && batch.some((one) => one.seq > (store.horizon ?? -1))) sim.violate("I3", "a request above the horizon");
  const repeat = owner ? batch.find((one) => isRepeat(sim, one)) : undefined;
  if (repeat !== undefined) sim.violate("P4", `${repeat.entry.k} was acknowledged, and is sent again`);
  const asked = batch.map((one) => one.asked);
  for (const { at } of batch) sim.asked.add(`${plan.id}:${at}`);
  const sentAt = clock.tick();
  sim.requests += 1;
  sim.sent += asked.length;
  let reply = platform.request(asked, sentAt, random, sim.faults);
  if (reply === "silence" && scenario.policy.delivery === "keyed" && random.chance(0.5)) {
    const again = platform.request(asked, clock.tick(), random, sim.faults);
    // Only an answer under the same key ends the doubt; that the second request did not arrive says nothing of the first.
    if (typeof again !== "string") reply = again;
  }
  yield "sent";
  if (reply === "refused" && batch.length > 1) {
    const half = Math.ceil(batch.length / 2);
    yield* sendBatch(sim, fence, plan, batch.slice(0, half), results);
    yield* sendBatch(sim, fence, plan, batch.slice(half), results);
    return;
  }
  const ends = batch.map((one, index): readonly [string, Result] => [one.at, endOf(reply, index, sentAt)]);
  for (const [at, result] of ends) {
    results.set(at, result);
    verdicts.set(at, result);
  }
  yield "verdict";
}

function endOf(reply: ReturnType<Simulation["platform"]["request"]>, index: number, sentAt: number): Result {
  const none = { sentAt, code: "", remoteId: null };
  if (reply === "silence") return { ...none, verdict: "unknown" };
  if (reply === "throttled") return { ...none, verdict: "deferred" };
  if (reply === "refused") return { ...none, verdict: "rejected", code: "poison" };
  const answer = reply.answers[index];
  if (answer?.status === "accepted") return { ...none, verdict: "accepted", remoteId: answer.remoteId };
  if (answer?.status === "absent") return { ...none, verdict: "skipped", code: "not_found" };
  if (answer?.status === "too_old") return { ...none, verdict: "skipped", code: "too_old" };
  return { ...none, verdict: "rejected", code: "row" };
}

/** Is it what was acknowledged whole, of identifiers that nobody else had? */
function isRepeat({ whole, shared }: Simulation, { entry: { k, ask, wanted }, asked }: Sendable): boolean {
  if (wanted === null || asked.op === "remove" || (ask.kind === "send" && ask.op === "refresh")) return false;
  return whole.get(k) === wanted.h && !wanted.ids.some((id) => shared.has(identifierKey(id)));
}

/** Batches of one op and one identifier kind, in any order: none is promised (R12). */
function batchesOf(sim: Simulation, plan: Plan): readonly (readonly Sendable[])[] {
  const { rules, scenario, random } = sim;
  const groups = new Map<string, Sendable[]>();
  for (const entry of plan.entries) {
    const { k, seq, ask, netted, remoteId, content, wanted } = entry;
    if (ask.kind !== "send") continue;
    ask.parts.forEach((part: Part, index) => {
      const fate = netted[index];
      if (fate !== "send" && fate !== "take") return;
      const body =
        part.op === "remove" ? "" : ask.op === "set" ? "SET" : wanted === null ? content : contentOf(wanted.h);
      const keyed = scenario.policy.delivery === "keyed";
      const key = keyed ? rules.idempotencyKey(plan.id, seq, index, k, part, body) : null;
      const asked: Asked = { ...part, content: body, remoteId: fate === "take" ? null : remoteId, key };
      const group = `${part.op} ${part.id.kind}`;
      groups.set(group, [...(groups.get(group) ?? []), { at: `${seq}/${index}`, seq, asked, entry }]);
    });
  }
  const batches: Sendable[][] = [];
  for (const rows of groups.values()) {
    for (let from = 0; from < rows.length; from += batchRows) {
      batches.splice(random.int(batches.length + 1), 0, rows.slice(from, from + batchRows));
    }
  }
  return batches;
}
