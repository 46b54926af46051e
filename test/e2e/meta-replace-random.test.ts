/**
 * Whatever happens to the requests of sessions that replace an audience (refused, lost, applied late, the process killed or
 * told to stop): the ledger never counts somebody as sent whom Meta lacks, nor forgets somebody whom Meta holds, and once
 * nothing goes wrong any more Meta holds whom it must. `MILLRACE_SESSIONS=200 MILLRACE_SEED=7` looks further.
 */
import { afterEach, expect, it } from "vitest";
import type { FakeRequest } from "../fakes/server.ts";
import { randomOf, type Random } from "../simulation/random.ts";
import { ada, bo, cy, di, ed, flo, gil, type Person } from "./platforms/people.ts";
import { Replacing } from "./platforms/replacing.ts";

const seeds = Number(process.env["MILLRACE_SESSIONS"] ?? 3);
const firstSeed = Number(process.env["MILLRACE_SEED"] ?? 1);
const runs = 5;
const everybody = [
  ada,
  bo,
  { ...cy, email: ["cyra@example.org", "cyra@example.org"] },
  { ...cy, id: 3 },
  di,
  ed,
  flo,
  gil,
] as const satisfies readonly Person[];

let world: Replacing;
afterEach(() => world.close());

/** Some of the people, Cy at most once. */
function someOf(random: Random): readonly Person[] {
  const chosen = everybody.filter(() => random.chance(0.6));
  return random.chance(0.1) ? [] : chosen.filter(({ id }, at) => chosen.findIndex((one) => one.id === id) === at);
}

/** A request of an earlier run that is still under way. */
type Late = Pick<FakeRequest, "path" | "text">;

/** One run in which something goes wrong, or nothing; gives what still travels after it. */
async function eventful(random: Random): Promise<Late | null> {
  const at = 1 + random.int(4);
  const fault = random.pick([
    "none",
    "none",
    "kill",
    "kill",
    "stop",
    "refused",
    "lost",
    "applied",
    "late",
    "busy",
  ] as const);
  let late: Late | null = null;
  const stop = new AbortController();
  if (fault === "kill") {
    await world.runKilled({ at, taken: random.chance(0.5) });
    return null;
  }
  await world.run(
    (request, number) => {
      if (number !== at) return true;
      const on = "/usersreplace";
      if (fault === "stop") stop.abort("SIGINT");
      if (fault === "refused") world.fake.fail({ on, status: 400, body: { error: { code: 100, message: "no" } } });
      if (fault === "busy") world.fake.fail({ on, status: 500, times: 9 });
      if (fault === "lost" || fault === "late") world.fake.fail({ on, before: "reset", times: 9 });
      if (fault === "applied") world.fake.fail({ on, applied: "reset", times: 9 });
      if (fault === "late") late = request;
      return true;
    },
    { signal: stop.signal },
  );
  world.fake.heal();
  return late;
}

/** While a plan is open, the ledger speaks of before: the next run recovers it first. */
async function checkLedger(): Promise<void> {
  if (world.killed) return;
  const members = world.members();
  const rows = await world.rows();
  const lacking = rows.filter(({ sure }) => sure).flatMap(({ ids }) => ids.filter((id) => !members.has(id)));
  const known = new Set(rows.flatMap(({ ids }) => ids));
  expect({ lacking, unknown: [...members].filter((id) => !known.has(id)) }).toEqual({ lacking: [], unknown: [] });
}

it.each(Array.from({ length: seeds }, (_, index) => firstSeed + index))("seed %i", async (seed) => {
  const random = randomOf(seed);
  world = await Replacing.start("");
  let travelling: Late | null = null;
  for (let run = 0; run < runs; run += 1) {
    if (run === 0 || random.chance(0.8)) await world.want(someOf(random));
    const late = await eventful(random);
    await checkLedger();
    world.pass(1 + random.int(180));
    if (travelling !== null) await world.arrive(travelling);
    travelling = late;
    await checkLedger();
  }
  if (travelling !== null) await world.arrive(travelling);
  const people = someOf(random);
  await world.want(people);
  // Twice: what the first one recovers is in doubt from then on, where the lock of the killed run is lost.
  for (let again = 0; again < 2; again += 1) {
    world.pass(25 * 60);
    await world.run();
    expect(world.held()).toEqual(world.desired(people));
    await checkLedger();
  }
  expect((await world.run()).status).toBe("unchanged");
});
