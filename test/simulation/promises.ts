/** The promises once faults stop: P1 (the desired set after two clean runs), P2 (then quiet), P10 (nobody denied), P13 (one plan). */
import { answered, identifierKey, unansweredOf } from "../../src/ledger/rules.ts";
import type { LedgerRow, Unanswered } from "../../src/ledger/rules.ts";
import { deniedToday, makePlan, wantedToday } from "./plan.ts";
import { putRow } from "./runner.ts";
import { lateMs } from "./scenario.ts";
import type { Simulation } from "./simulation.ts";
import { contentOf, identifiersOf, type Person, type World } from "./world.ts";

/** Faults off; a person retries what was given up and resolves what is held; then the promises are due. */
export function checkPromises(sim: Simulation): void {
  sim.faults = false;
  checkOthers(sim);
  sim.platform.bad.clear();
  sim.platform.poison.clear();
  // What a dead run was refused is known once it is recovered; only then can a person retry or resolve it.
  if (sim.store.open !== null || sim.scenario.policy.delivery !== "set") sim.cleanRun();
  if (sim.scenario.policy.delivery !== "set") {
    sim.pass(lateMs);
    resolve(sim);
  }
  retry(sim);
  checkSamePlan(sim);
  sim.cleanRun();
  sim.pass(lateMs);
  sim.cleanRun();
  // A record that waits for another to move away from its identifier is written in the run after that was acknowledged.
  if (sim.scenario.policy.kind === "record") sim.cleanRun();
  checkDesired(sim);
  const { sent, scenario } = sim;
  sim.cleanRun();
  if (sim.sent !== sent) sim.violate("P2", `the run after sent ${sim.sent - sent} rows`);
  if (scenario.policy.kind !== "event") checkDenied(sim);
  checkDesired(sim);
}

/** P6: with rows that the platform refuses, alone or with all that travel with them, everybody else gets there. */
function checkOthers(sim: Simulation): void {
  const { policy } = sim.scenario;
  if (policy.kind !== "membership" || policy.mode === "remove" || policy.delivery !== "set") return;
  for (let runs = 2; runs > 0; runs -= 1) {
    sim.cleanRun();
    sim.pass(lateMs);
  }
  const { platform, store, shared } = sim;
  const spoilt = (id: string): boolean => platform.bad.has(`add ${id}`) || platform.poison.has(id) || shared.has(id);
  for (const [k, { ids }] of wantedToday(sim, deniedBySound(sim))) {
    const names = ids.map(identifierKey);
    if (names.some(spoilt) || store.rejections.some((one) => one.k === k)) continue;
    for (const id of names) if (!platform.members.has(id)) sim.violate("P6", `${id} waits for rows of others`);
  }
}

/** P13: the same rows on the same ledger make the same plan, in whatever order they come. */
function checkSamePlan(sim: Simulation): void {
  const { store, world } = sim;
  const text = (): string => {
    const { entries, leads } = makePlan(sim);
    return JSON.stringify([entries, [...leads]]);
  };
  const plan = text();
  const [rows, rejections, people] = [store.rows, store.rejections, [...world]];
  store.rows = new Map([...rows].toReversed());
  store.rejections = rejections.toReversed();
  turn(world, people.toReversed());
  const again = text();
  [store.rows, store.rejections] = [rows, rejections];
  turn(world, people);
  if (again !== plan) sim.violate("P13", `the same rows in another order make another plan: ${again}, not ${plan}`);
}

function turn(world: World, people: readonly (readonly [string, Person])[]): void {
  world.clear();
  for (const [k, person] of people) world.set(k, person);
}

/** `millrace retry` for people who are still wanted; waiting removals come due by themselves. */
function retry(sim: Simulation): void {
  const due = sim.store.rejections.map((one) => ({ ...one, nextAfter: 0 }));
  const wanted = (k: string): boolean => sim.world.get(k)?.wanted === true && sim.world.get(k)?.denied === false;
  sim.store.rejections = due.filter((one) => !(one.dead && one.op === "add" && wanted(one.k)));
}

/** `millrace resolve`, by what the platform shows. */
function resolve(sim: Simulation): void {
  for (const [k, row] of sim.store.rows) {
    const open = unansweredOf(row);
    if (row.state !== "held" || open === null) continue;
    const verdicts = open.parts.map((part) =>
      arrived(sim, part, row) ? ("accepted" as const) : ("rejected" as const),
    );
    putRow(
      sim,
      k,
      answered(row, verdicts, sim.scenario.policy, () => null),
    );
  }
}

function arrived(sim: Simulation, part: Unanswered["parts"][number], row: LedgerRow): boolean {
  const { platform, scenario } = sim;
  const id = identifierKey(part.id);
  const content = (row.fields ?? "|").split("|")[1] ?? "";
  if (scenario.policy.kind === "event") return platform.events.has(id);
  if (scenario.policy.kind === "record") {
    const record = [...platform.records.values()].find((one) => one.match === id);
    return part.op === "add" ? record?.content === content : record === undefined;
  }
  return part.op === "add" ? platform.members.get(id) === content : !platform.members.has(id);
}

/** P10: nothing of a denied person is left, whoever else wants the identifier. */
function checkDenied(sim: Simulation): void {
  const { policy } = sim.scenario;
  if (policy.kind !== "membership" || policy.mode === "remove") return;
  for (const [k, person] of sim.world) {
    for (const id of person.denied ? identifiersOf(k, person, sim.scenario).map(identifierKey) : []) {
      if (sim.platform.members.has(id) && !sim.foreign.has(id))
        sim.violate("P10", `${id} of denied ${k} is still there`);
    }
  }
}

/** P1: the platform is what today's model says, computed without the ledger. */
function checkDesired(sim: Simulation): void {
  const { policy } = sim.scenario;
  if (policy.kind === "event") checkEvents(sim);
  else if (policy.kind === "record") checkRecords(sim);
  else checkMembers(sim);
}

function checkEvents(sim: Simulation): void {
  for (const [k, person] of sim.world) {
    const due = person.wanted && !person.denied && person.content !== sim.scenario.tooOld;
    if (due && !sim.platform.events.has(`key\u0000${k}`)) sim.violate("P1", `event ${k} was never delivered`);
  }
}

function checkMembers(sim: Simulation): void {
  const { policy, fromNow } = sim.scenario;
  const wanted = wantedToday(sim, deniedBySound(sim));
  const owners = new Map<string, string[]>();
  for (const { ids, h } of wanted.values()) {
    for (const id of ids.map(identifierKey)) owners.set(id, [...(owners.get(id) ?? []), contentOf(h)]);
  }
  const members = sim.platform.members;
  if (policy.mode === "remove") {
    for (const id of owners.keys()) if (members.has(id)) sim.violate("P1", `${id} should have been removed`);
    return;
  }
  for (const [id, contents] of owners) {
    if (!members.has(id)) sim.violate("P1", `${id} is wanted and absent`);
    const own =
      sim.shared.has(id) ||
      policy.mode === "add" ||
      (fromNow && sim.foreign.has(id)) ||
      contents.includes(members.get(id) ?? "");
    if (!own) sim.violate("P1", `${id} has content ${members.get(id)} instead of ${contents}`);
  }
  const stays = new Set(policy.onLeave === "remove" ? [] : keptIdentifiers(sim));
  for (const id of members.keys()) {
    const known = owners.has(id) || stays.has(id) || (sim.foreign.has(id) && !policy.adopt);
    if (!known) sim.violate("P1", `${id} is there and not wanted`);
  }
}

/** Where leavers stay: what rows of people no longer wanted hold, and in mode add what anybody ever had. */
function keptIdentifiers(sim: Simulation): readonly string[] {
  const grows = sim.scenario.policy.mode === "add";
  const rows = [...sim.store.rows.values()].filter((row) => row.state === "left" || grows);
  return rows.flatMap((row) => row.ids.map(identifierKey));
}

function checkRecords(sim: Simulation): void {
  const { policy } = sim.scenario;
  const contents = new Map([...sim.platform.records.values()].map((one) => [one.match, one.content]));
  const wanted = wantedToday(sim, deniedBySound(sim));
  const known = new Set<string>();
  for (const [k, { ids, h }] of wanted) {
    const match = ids[0] === undefined ? null : identifierKey(ids[0]);
    for (const id of sim.store.rows.get(k)?.ids ?? []) known.add(identifierKey(id));
    if (match === null) continue;
    known.add(match);
    const content = contents.get(match);
    const right = content === contentOf(h) || (policy.mode === "update" && content === undefined);
    if (!right) sim.violate("P1", `record ${match} of ${k} holds ${content} instead of ${contentOf(h)}`);
  }
  if (policy.onLeave !== "delete") return;
  for (const id of contents.keys()) if (!known.has(id)) sim.violate("P1", `record ${id} should be gone`);
}

/** Denial as the rules have it, also where the simulated engine has a planted bug. */
function deniedBySound(sim: Simulation): ReadonlySet<string> {
  return deniedToday({ ...sim, rules: { ...sim.rules, denial: true } } as Simulation);
}
