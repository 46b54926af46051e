/** A clock that jumps, between runs and within one: the ledger goes by serials, nothing waits for a wrong time (F08). */
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRuns, readStatus } from "../../src/engine/index.ts";
import { day, minute, startShop, type Shop } from "./small-shop.ts";

const hour = 60 * minute;
const year = 365 * day;

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const line = (id: number, name: string): string => `${id},${name},person${id}@example.com,FR,250`;
const names = (): readonly unknown[] =>
  [...shop.receiver.state.members].toSorted().map(([, { fields }]) => fields["name"]);

/** Requests of one run that must end well. */
async function requestsOf(sync: () => ReturnType<Shop["sync"]>): Promise<number> {
  const before = shop.receiver.requests.length;
  const { document, exit } = await sync();
  expect({ exit, ends: Date.parse(document.finished_at) >= Date.parse(document.started_at) }).toEqual({
    exit: 0,
    ends: true,
  });
  return shop.receiver.requests.length - before;
}

const jumps: readonly (readonly [string, string, string])[] = [
  ["two hours back", "2026-03-01T06:00:00Z", "2026-03-01T04:00:00Z"],
  ["a year ahead", "2026-03-01T06:00:00Z", "2027-03-01T06:00:00Z"],
  ["a year ahead and a second later back", "2027-03-01T06:00:00Z", "2026-03-01T06:00:01Z"],
  ["over the hour that summer time skips", "2026-03-29T00:59:59Z", "2026-03-29T01:00:01Z"],
  ["into the hour that winter time repeats", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
  ["to a leap day", "2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z"],
  ["from a leap day a year on", "2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z"],
  ["to 1970", "2026-03-01T06:00:00Z", "1970-01-01T00:00:00Z"],
  ["from 1970", "1970-01-01T00:00:00Z", "2026-03-01T06:00:00Z"],
];

describe.each(jumps)("%s", (_, from, to) => {
  const edit = async (): Promise<void> => {
    await shop.people(line(1, "Ada"), line(2, "Bo Changed"), line(4, "New"));
  };
  beforeEach(async () => {
    shop.now = Date.parse(from);
    await shop.people(line(1, "Ada"), line(2, "Bo"), line(3, "Leaver"));
  });

  it("between runs", async () => {
    expect(await requestsOf(shop.sync)).toBe(1);
    shop.now = Date.parse(to);
    await edit();
    expect(await requestsOf(shop.sync)).toBe(3);
    expect(names()).toEqual(["Ada", "Bo Changed", "New"]);
    shop.now += minute;
    expect(await requestsOf(shop.sync)).toBe(0);
    const { last_run } = await readStatus(await shop.options());
    expect(last_run?.finished_at).toBe(new Date(shop.now).toISOString());
  });

  it("within a run", async () => {
    expect(await requestsOf(shop.sync)).toBe(1);
    await edit();
    const onEvent = ({ event }: { readonly event: string }): void => {
      if (event === "sync.plan") shop.now = Date.parse(to);
    };
    expect(await requestsOf(() => shop.sync({ onEvent }))).toBe(3);
    expect(names()).toEqual(["Ada", "Bo Changed", "New"]);
    expect(await requestsOf(shop.sync)).toBe(0);
  });
});

it("an unanswered request of a time to come is repeated at once, and the rows are right at once", async () => {
  const now = shop.now;
  shop.now += year;
  shop.receiver.fail({ applied: "reset" });
  expect((await shop.sync()).document.syncs[0]?.outcomes.unknown).toBe(3);
  shop.now = now;
  expect(await requestsOf(shop.sync)).toBe(1);
  expect(shop.receiver.state.repeats).toBe(1);
  shop.now += minute;
  expect(await requestsOf(shop.sync)).toBe(0);
});

it("doubt of a time to come does not keep its rows asked for until then", async () => {
  await shop.write(
    "destinations/hook.yml",
    `destination: hook\ntype: webhook\nlate: 15min\nretry: { attempts: 1 }\nconfig: { url: "${shop.receiver.url}/in", allow_private_network: true }\n`,
  );
  await requestsOf(shop.sync);
  // As a destination of delivery `set` leaves rows whose requests were never answered.
  const doubtful = `UPDATE millrace.sent__vip_to_hook SET state = 'doubt', h = NULL, h_fast = NULL, doubt_at = ${shop.now + year}`;
  const instance = await DuckDBInstance.create(join(shop.root, ".millrace/dev.duckdb"));
  const connection = await instance.connect();
  await connection.run(doubtful);
  connection.disconnectSync();
  instance.closeSync();
  // Once while the doubt is young, once when it is not, then never again.
  expect(await requestsOf(shop.sync)).toBe(1);
  shop.now += 20 * minute;
  expect(await requestsOf(shop.sync)).toBe(1);
  shop.now += 20 * minute;
  expect(await requestsOf(shop.sync)).toBe(0);
});

it("a refusal of a time to come holds nothing back until then", async () => {
  const now = shop.now;
  shop.now += year;
  shop.receiver.state.refuse.set("2", { code: "bad", message: "no" });
  expect((await shop.sync()).document.syncs[0]?.outcomes.rejected).toBe(1);
  shop.receiver.state.refuse.clear();
  shop.now = now;
  expect(await requestsOf(shop.sync)).toBe(1);
  expect(shop.receiver.state.members.size).toBe(3);
});

it("a schedule whose last run is of a time to come is due at its next slot, once for all that were missed", async () => {
  const due = (): ReturnType<Shop["sync"]> => shop.sync({ due: true });
  const ran = async (): Promise<number> => (await due()).document.syncs.length;
  const now = shop.now;
  shop.now += year;
  expect(await ran()).toBe(1);
  shop.now = now + hour;
  expect(await ran()).toBe(1);
  expect(await ran()).toBe(0);
  shop.now = now + 5 * day + hour;
  expect(await ran()).toBe(1);
  expect(await ran()).toBe(0);
  const options = await shop.options();
  const [newest] = await readRuns({ ...options, limit: 1 });
  expect(newest?.started_at).toBe("2026-03-06T07:00:00.000Z");
  expect((await readStatus(options)).syncs[0]).toMatchObject({ state: "ok", last_ok_at: "2026-03-06T07:00:00.000Z" });
});
