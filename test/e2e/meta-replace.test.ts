/** Audiences of Meta that a run replaces as a whole: one session over all its requests, accepted together or not at all. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drainState } from "../../src/engine/index.ts";
import { ada, bo, cy, di, ed, first, flo, gil, second, type Person } from "./platforms/people.ts";
import { Replacing } from "./platforms/replacing.ts";

let world: Replacing;
beforeEach(async () => {
  world = await Replacing.start("0s");
});
afterEach(() => world.close());

const sessions = (from = 0) =>
  world.fake.requests
    .slice(from)
    .filter(({ path }) => path.includes("/usersreplace"))
    .map(({ body: { session, payload } }) => ({
      number: session.batch_seq,
      last: session.last_batch_flag,
      of: session.estimated_num_total,
      schema: payload.schema,
      rows: payload.data.length,
    }));

async function staysQuiet(): Promise<void> {
  const before = world.fake.requests.length;
  expect((await world.run()).status).toBe("unchanged");
  expect(world.writes(before)).toEqual([]);
}

it("sends everybody whenever somebody changed, in one session of numbered requests with the same columns", async () => {
  const common = { of: 5, schema: ["EMAIL", "PHONE", "FN"] };
  await world.want(first);
  expect(await world.run()).toMatchObject({ status: "ok", outcomes: { accepted: 5 } });
  expect(sessions()).toEqual([
    { ...common, number: 1, last: false, rows: 2 },
    { ...common, number: 2, last: false, rows: 2 },
    { ...common, number: 3, last: true, rows: 1 },
  ]);
  expect(world.held()).toEqual(world.desired(first));
  await staysQuiet();

  await world.want(second);
  const before = world.fake.requests.length;
  const { accepted } = await world.run();
  expect(accepted).toEqual({ add: 2, update: 4, remove: 1 });
  expect(sessions(before).map(({ number, last, of, rows }) => [number, last, of, rows])).toEqual([
    [1, false, 6, 2],
    [2, false, 6, 2],
    [3, true, 6, 2],
  ]);
  expect(new Set(world.fake.requests.map(({ body }) => body?.session?.session_id).filter(Boolean)).size).toBe(2);
  expect(world.writes(before)).toEqual(Array(3).fill(expect.stringContaining("/usersreplace")));
  expect(world.held()).toEqual(world.desired(second));
  await staysQuiet();
});

it("takes people out by name where nobody is wanted any more", async () => {
  await world.want(first);
  await world.run();
  await world.want([]);
  const before = world.fake.requests.length;
  expect((await world.run()).accepted).toEqual({ add: 0, update: 0, remove: 5 });
  expect(world.writes(before).every((write) => /^DELETE .*\/users$/.test(write))).toBe(true);
  expect(world.held()).toEqual(world.desired([]));
  await staysQuiet();
});

it("counts nobody as sent when it is killed in a session, and fills the audience again once Meta gave the session up", async () => {
  await world.want(first);
  await world.run();
  await world.want([ada, bo, cy, di, flo, gil]);
  await world.runKilled({ at: 2, taken: true });
  // Four of six have arrived, and Ed, who left, is gone too.
  expect(world.members().size).toBeLessThan(8);
  const waiting = await world.run();
  expect([waiting.status, waiting.error?.code, waiting.error?.message]).toEqual([
    "failed",
    "E821",
    "the replacement did not begin: Audience update is in progress",
  ]);
  expect(world.lab.events.map(({ event }) => event)).toContain("sync.recovered");
  expect((await world.rows()).filter(({ sure }) => sure)).toEqual([]);
  world.pass(91);
  expect((await world.run()).status).toBe("ok");
  expect(world.held()).toEqual(world.desired([ada, bo, cy, di, flo, gil]));
  await staysQuiet();
});

it("counts everybody as sent when it is killed once the session was closed", async () => {
  await world.want(first);
  await world.run();
  await world.want(second);
  await world.runKilled({ at: "end", taken: true });
  expect(world.killed).toBe(true);
  await staysQuiet();
  expect(world.lab.events.map(({ event }) => event)).toContain("sync.recovered");
  expect((await world.rows()).map(({ k, sure }) => [k, sure])).toEqual(
    ["1", "2", "3", "4", "6", "7"].map((k) => [k, true]),
  );
  expect(world.held()).toEqual(world.desired(second));
});

it("sends everybody again although nothing is planned, when the change that began the broken session was taken back", async () => {
  await world.want(first);
  await world.run();
  await world.want([...first, flo]);
  await world.runKilled({ at: 1, taken: true });
  await world.want(first);
  world.pass(91);
  expect((await world.run()).status).toBe("ok");
  expect(world.held()).toEqual(world.desired(first));
  await staysQuiet();
});

it("mends a broken session also by changes, when the setting was taken back", async () => {
  await world.want(first);
  await world.run();
  await world.want([...first, flo]);
  await world.runKilled({ at: 2, taken: true });
  const file = "destinations/meta_audience.yml";
  await world.lab.write(file, (await world.yaml()).replace("audience_writes: replace", "audience_writes: changes"));
  world.pass(91);
  const before = world.fake.requests.length;
  expect((await world.run()).status).toBe("ok");
  expect(world.writes(before).some((write) => write.includes("usersreplace"))).toBe(false);
  expect(world.held()).toEqual(world.desired([...first, flo]));
  await staysQuiet();
});

const refusal = (code: number, more = {}) => ({
  status: 400,
  body: { error: { code, message: "Meta's words", ...more } },
});

describe.each([
  ["is refused", refusal(100), 2],
  ["comes after the session's time", refusal(2650, { error_subcode: 1870158 }), 2],
  ["is not answered", { applied: "reset", times: 9 }, 2],
  ["is the first and is not answered", { applied: "reset" }, 1],
  ["is answered by something broken", { applied: "broken" }, 3],
] as const)("a request that %s", (_, fault, at) => {
  it("ends the run with what was said, and leaves everybody to the next one", async () => {
    await world.want([ada, bo, cy]);
    await world.run();
    await world.want(first);
    const before = world.fake.requests.length;
    if (at === 1) world.fake.fail({ on: "/usersreplace", ...fault });
    const { status, error, outcomes } = await world.run((_request, number) => {
      if (number === at - 1) world.fake.fail({ on: "/usersreplace", ...fault });
      return true;
    });
    expect([status, error?.code, outcomes.accepted]).toEqual(["failed", "E821", 0]);
    expect((await world.rows()).filter(({ sure }) => sure)).toEqual([]);
    expect(
      sessions(before)
        .map(({ number }) => number)
        .filter((number) => number === 1),
    ).toEqual([1]);
    world.fake.heal();
    world.pass(91);
    expect((await world.run()).status).toBe("ok");
    expect(world.held()).toEqual(world.desired(first));
    await staysQuiet();
  });
});

it("repeats a later request that was throttled or lost, under its number", async () => {
  await world.want(first);
  await world.run((_, number) => {
    if (number === 1) {
      world.fake.fail({ on: "/usersreplace", status: 429, headers: { "retry-after": "7" } });
      world.fake.fail({ on: "/usersreplace", applied: "reset" });
    }
    return true;
  });
  expect(sessions().map(({ number }) => number)).toEqual([1, 2, 2, 2, 3]);
  expect(world.held()).toEqual(world.desired(first));
  await staysQuiet();
});

it("leaves the session open when it is told to stop, and nobody counts as sent", async () => {
  const stop = new AbortController();
  await world.want([ada, bo, cy, di, ed]);
  const { outcomes } = await world.run(
    (_, number) => {
      if (number === 2) stop.abort("SIGINT");
      return true;
    },
    { signal: stop.signal },
  );
  expect(outcomes.accepted).toBe(0);
  expect(sessions().map(({ number }) => number)).toEqual([1, 2]);
  world.pass(91);
  expect((await world.run()).status).toBe("ok");
  expect(world.held()).toEqual(world.desired(first));
});

it("does not count on whom it could not send: refused before, they are not in the new audience", async () => {
  const models = "models/models.yml";
  const text = await readFile(join(world.lab.root, models), "utf8");
  const number = "[{ to: data_processing_options_country, from: name }]";
  await world.lab.write(models, text.replace("[{ to: fn, from: name }]", number));
  const [nobody, bob, sid] = [ada, bo, cy].map((person) => ({ ...person, name: null })) as [Person, Person, Person];
  await world.want([nobody, bob, sid]);
  expect((await world.run()).status).toBe("ok");
  await world.want([ada, bob, sid]);
  expect(await world.run()).toMatchObject({ status: "partial", outcomes: { accepted: 2, rejected: 1 } });
  expect(world.held()).toEqual(world.desired([bob, sid]));
  expect((await world.rows()).map(({ k, sure }) => [k, sure])).toEqual([
    ["2", true],
    ["3", true],
  ]);
  await world.want([nobody, bob, sid]);
  expect((await world.run()).status).toBe("ok");
  expect(world.held()).toEqual(world.desired([nobody, bob, sid]));
  await staysQuiet();
});

it("sends whom an earlier setting left there, or counted as there, since the new audience has nobody else", async () => {
  const models = "models/models.yml";
  const text = await readFile(join(world.lab.root, models), "utf8");
  await world.lab.write(models, text.replace("mode: mirror", "mode: mirror\n    on_leave: keep"));
  await world.want(first);
  await world.run();
  expect(sessions()).toEqual([]);
  await world.want([bo, cy, di, ed]);
  await world.run();
  expect(world.held()).toEqual(world.desired(first));
  await world.lab.write(models, text);
  await world.want([cy, di, ed]);
  await world.run();
  expect(world.held()).toEqual(world.desired([cy, di, ed]));
  await world.want(first);
  await world.run();
  expect(world.held()).toEqual(world.desired(first));
  await staysQuiet();
});

it("is certain of nobody while the first request of an earlier session may still arrive and empty the audience", async () => {
  await world.close();
  world = await Replacing.start("");
  await world.want([ada, bo, cy]);
  world.fake.fail({ on: "/usersreplace", before: "reset" });
  await world.run();
  const travelling = world.fake.requests.find(({ path }) => path.includes("/usersreplace"));
  await world.want([ada, bo, cy, flo]);
  world.pass(1);
  await world.run();
  expect(world.held()).toEqual(world.desired([ada, bo, cy, flo]));
  world.pass(1);
  await world.arrive(travelling!);
  expect(world.held()).toEqual(world.desired([ada, bo]));
  expect((await world.rows()).map(({ k, sure }) => [k, sure])).toEqual(["1", "2", "3", "6"].map((k) => [k, false]));
  world.pass(25 * 60);
  await world.run();
  expect(world.held()).toEqual(world.desired([ada, bo, cy, flo]));
  await staysQuiet();
});

it("empties an audience by name when the sync moves to another, and settles a killed session of the old one before", async () => {
  await world.want(first);
  await world.run();
  await world.want([...first, flo]);
  await world.runKilled({ at: 2, taken: true });
  world.pass(91);
  await world.run();
  const models = "models/models.yml";
  const text = await readFile(join(world.lab.root, models), "utf8");
  await world.lab.write(models, text.replace('"Everybody"', '"Customers"'));
  const before = world.fake.requests.length;
  const why = { ...(await world.lab.options()), sync: "meta_audience", reason: "a test" };
  expect(await drainState(why)).toMatchObject({ exit: 0, removed: 6, remaining: 0 });
  expect(world.writes(before)).toEqual([expect.stringMatching(/^DELETE .*\/users$/)]);
  expect(world.held()).toEqual([["Everybody", []]]);
});
