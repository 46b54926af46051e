/** What must hold after every run whose plan is closed: I1, I2 and P3; P5 always. */
import { identifierKey } from "../../src/ledger/rules.ts";
import type { Simulation } from "./simulation.ts";
import { contentOf } from "./world.ts";

export function checkInvariants(sim: Simulation): void {
  checkAtMostOnce(sim);
  if (sim.store.open !== null) return;
  const { kind, mode } = sim.scenario.policy;
  if (kind === "event") checkTaken(sim);
  if (mode === "remove" || kind === "event") return;
  checkKnown(sim);
  checkAcknowledged(sim);
}

/** P5: where a repeat harms, nothing is taken twice. */
function checkAtMostOnce(sim: Simulation): void {
  if (sim.scenario.policy.delivery === "set") return;
  for (const [id, times] of sim.platform.events) if (times > 1) sim.violate("P5", `${id} was taken ${times} times`);
}

/** P3: an event that counts as sent was taken. */
function checkTaken({ platform, store, violate }: Simulation): void {
  for (const { k, state, ids } of store.rows.values()) {
    const taken = ids.some((id) => platform.events.has(identifierKey(id)));
    if (state === "ok" && !taken) violate("P3", `event ${k} is ok, and was never taken`);
  }
}

/** I1: every identifier the platform holds, or may come to hold, because of us is in some row. */
function checkKnown(sim: Simulation): void {
  const { platform, store, foreign } = sim;
  const known = new Set([...store.rows.values()].flatMap((row) => row.ids.map(identifierKey)));
  const held = [...platform.members.keys(), ...[...platform.records.values()].map((record) => record.match)];
  const coming = platform
    .pending()
    .filter(({ op }) => op === "add")
    .map(({ id }) => identifierKey(id));
  for (const id of [...held, ...coming]) {
    if (!known.has(id) && !foreign.has(id)) sim.violate("I1", `${id} is at the platform and in no row`);
  }
}

/** I2: `ok` means that the platform holds exactly these identifiers, with this content where only one key has them. */
function checkAcknowledged(sim: Simulation): void {
  const { platform, store, scenario } = sim;
  const record = scenario.policy.kind === "record";
  const contents = record
    ? new Map([...platform.records.values()].map((one) => [one.match, one.content]))
    : platform.members;
  for (const row of store.rows.values()) {
    if (row.state !== "ok" || row.h === null) continue;
    // Records, and mode add, may keep identifiers of before; the fingerprint names those that are acknowledged.
    const named = row.h.slice(row.h.indexOf(":") + 1).split(" ");
    const ids = record || scenario.policy.mode === "add" ? row.ids.filter((id) => named.includes(id.value)) : row.ids;
    for (const id of ids.map(identifierKey)) {
      const content = contents.get(id);
      if (content === undefined) sim.violate("I2", `${row.k} is ok, but ${id} is not at the platform`);
      const alone = (record || !sim.shared.has(id)) && scenario.policy.mode !== "add";
      if (alone && content !== contentOf(row.h))
        sim.violate("I2", `${row.k} is ok with ${row.h}, platform has ${content}`);
    }
  }
}
