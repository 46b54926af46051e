/** Settles a window of a plan with the pure rules, and checks what became of the rows (I6, I7). */
import type { SentIdentifier } from "../../src/core.ts";
import { doubtsOf, identifierKey, settleAll } from "../../src/ledger/rules.ts";
import type { PartOutcome, SettleInput } from "../../src/ledger/rules.ts";
import { unsent } from "./rule-set.ts";
import type { Simulation } from "./simulation.ts";
import type { Entry, Plan, Result } from "./store.ts";

export function settleWindow(
  sim: Simulation,
  plan: Plan,
  window: readonly Entry[],
  results: ReadonlyMap<string, Result>,
  doubtAt: number,
): void {
  const { store, scenario, rules, clock } = sim;
  const { policy } = scenario;
  const doubtOf = doubtsOf(store.rows.values());
  const inputs = window.map((entry): SettleInput => {
    const { k, wanted, ask } = entry;
    const row = store.rows.get(k) ?? null;
    const rejections = store.rejections.filter((one) => one.k === k);
    const fields = `${entry.remoteId ?? ""}|${entry.content}`;
    const outcomes = outcomesOf(sim, plan, entry, results);
    return {
      k,
      row,
      wanted,
      ask,
      outcomes,
      rejections,
      policy,
      doubtOf,
      doubtAt,
      now: clock.now,
      runId: plan.id,
      fields,
    };
  });
  const denied = (id: { kind: string; value: string }): boolean => plan.denied.has(`${id.kind}\u0000${id.value}`);
  const before = store.rows;
  const settled = settleAll({ policy, wanted: plan.wanted, rows: before, denied }, inputs, rules);
  const keys = new Set(window.map((entry) => entry.k));
  store.rows = settled.rows;
  store.rejections = [...store.rejections.filter((one) => !keys.has(one.k)), ...settled.rejections];
  for (const input of inputs) noteWhole(sim, input);
  for (const input of inputs) if (input.row !== null && !settled.rows.has(input.k)) checkDeletion(sim, input);
}

function outcomesOf(
  sim: Simulation,
  plan: Plan,
  entry: Entry,
  results: ReadonlyMap<string, Result>,
): readonly PartOutcome[] {
  const { ask, netted, seq } = entry;
  if (ask.kind !== "send") return [];
  return ask.parts.map((part, at): PartOutcome => {
    const lead = plan.leads.get(`${part.op} ${identifierKey(part.id)}`) ?? "";
    const fate = netted[at];
    const [leadSeq, leadPart] = fate === "follow" ? (lead.split("/").map(Number) as [number, number]) : [seq, at];
    const known = sim.rules.resultOf(results, leadSeq, leadPart) ?? unsent;
    const key = sim.rules.idempotencyKey(plan.id, leadSeq, leadPart, entry.k, part, entry.content);
    const request = { key, digest: entry.content, seq: leadSeq };
    const byRemoteId = fate === "send" && entry.remoteId !== null;
    if (fate !== "follow" && known.verdict === "unsent" && sim.asked.has(`${plan.id}:${seq}/${at}`))
      sim.violate("I6", `${entry.k} was asked for and counts as unsent`);
    const verdict = fate === "withheld" ? "withheld" : fate === "wait" ? "deferred" : known.verdict;
    const { sentAt, code, remoteId } = known;
    return { part, verdict, sentAt, code, message: "", remoteId, byRemoteId, request };
  });
}

/** Remembers whose membership was acknowledged in every part while no request on it could still take effect (P4). */
function noteWhole(sim: Simulation, { k, row, wanted, ask, outcomes, policy, doubtOf }: SettleInput): void {
  const sure = row === null || row.doubtAt === null;
  const calm = (id: SentIdentifier): boolean => doubtOf(id) === null && !sim.shared.has(identifierKey(id));
  const accepted =
    ask.kind === "send" && outcomes.every(({ verdict, part }) => verdict === "accepted" && calm(part.id));
  if (policy.kind === "membership" && policy.mode !== "remove" && wanted !== null && sure && accepted)
    sim.whole.set(k, wanted.h);
  else sim.whole.delete(k);
}

/** I7: a row goes only by acknowledged removal, cover, or the rules of its mode. */
function checkDeletion(sim: Simulation, input: SettleInput): void {
  const { row, outcomes, policy } = input;
  if (row === null || policy.mode === "remove" || policy.mode === "append" || row.state === "assumed") return;
  const gone = outcomes
    .filter((one) => one.verdict === "accepted" && one.part.op === "remove")
    .map((one) => one.part.id);
  const covered = [...sim.store.rows.values()].flatMap((other) => other.ids);
  const accounted = new Set([...gone, ...covered].map(identifierKey));
  const lost = row.ids.filter((id) => !accounted.has(identifierKey(id)));
  if (lost.length > 0) sim.violate("I7", `row ${input.k} (${row.state}) deleted although it held ${lost[0]?.value}`);
}
