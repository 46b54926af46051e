/**
 * The connection to the warehouse is lost at each statement of a run in turn: the run fails with one clear error, nobody who stays
 * is removed, the next run converges, and the run after it sends nothing.
 *
 * A run takes one statement of each kind and one more, drawn by `MILLRACE_SEED`; `MILLRACE_CUTS=all` takes every statement and
 * loses it before it arrived as well as after it was done.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { freeLock, lockHolder } from "../../src/engine/environment-lock.ts";
import type { WarehouseSpec } from "../../src/project/project.ts";
import { cuts, type Cut, line, type Line } from "./emulators/cut.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, fakesnow, type Place, type Started } from "./places.ts";
import { type Shop, startShop } from "./project.ts";
import { drawn, kindOf, numbers } from "./statement-kinds.ts";

const models = `sources:
  - { name: raw, schema: raw_shop, tables: [{ name: people }] }
models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
audiences:
  - { name: french, model: customers, where: { field: country, is: FR } }
syncs:
  - { name: french_to_hook, audience: french, destination: hook, object: member, mode: mirror, mappings: [{ to: name, from: name }] }
`;

/** Codes of a warehouse that does not answer. */
const unreachable = { bigquery: "E726", snowflake: "E735", duckdb: "" } as const;

const size = 6;
/** Every day the eldest of the town leaves, somebody comes, and every other one is called anew. */
const nameOn = (today: number, id: number): string =>
  `P${id}${id % 2 === today % 2 ? ` since ${today}` : ` since ${today - 1}`}`;
const townOn = (today: number): readonly number[] => Array.from({ length: size }, (_, at) => today + at);

function lostConnections(place: Place): void {
  let started: Started;
  let between: Line;
  let shop: Shop;
  let today = 1;

  beforeAll(async () => {
    started = await place.start();
    const { connection, ...spec } = started.spec as Exclude<WarehouseSpec, { type: "duckdb" }>;
    between = await line(String(connection["endpoint"]));
    const through = { ...spec, connection: { ...connection, endpoint: between.endpoint } } as WarehouseSpec;
    shop = await startShop({ ...started, spec: through });
    await shop.write("models/models.yml", models);
  });
  afterAll(async () => {
    await shop?.close();
    await between?.close();
    await started?.stop();
  });

  const wanted = (): readonly unknown[] => townOn(today).map((id) => [id, nameOn(today, id)]);
  const atPlatform = (): readonly unknown[] =>
    [...shop.receiver.state.members]
      .map(([key, { fields }]) => [JSON.parse(key) as number, fields["name"]] as const)
      .toSorted(([a], [b]) => a - b);
  const nextDay = async (): Promise<void> => {
    today += 1;
    await shop.people(...townOn(today).map((id) => [id, nameOn(today, id), `p${id}@example.com`, "FR", 0] as const));
  };

  /** What the ledger holds: people and whether their row is settled, and who is in the audience by its history. */
  const inLedger = (): Promise<unknown> =>
    started.lend(shop.root, async ({ dialect, rows }) => {
      const table = (name: string): string => dialect.relation(started.top, "millrace_shop", name);
      const sent = await rows(`SELECT k, state, h IS NULL AS doubt FROM ${table("sent__french_to_hook")} ORDER BY k`);
      const members = await rows(`SELECT k FROM ${table("members__french")} WHERE left_at IS NULL ORDER BY k`);
      const states = await rows(`SELECT open_plan FROM ${table("state__french_to_hook")}`);
      return {
        sent: sent.map((row) => [row["k"], row["state"], row["doubt"]]),
        members: members.map((row) => row["k"]),
        open: states.map((row) => row["open_plan"]),
      };
    });
  const settled = () => {
    const keys = townOn(today).map(String).toSorted();
    return { sent: keys.map((key) => [key, "ok", false]), members: keys, open: [null] };
  };

  /** Keys that requests asked to remove, from the given request on. */
  const removed = (since: number): readonly unknown[] =>
    shop.receiver.requests
      .slice(since)
      .flatMap(({ body }) => (body.op === "remove" ? body.changes.map(({ key }: { key: unknown }) => key) : []));

  /** How the run ended: null, or the one error that it told. */
  const ended = async (): Promise<{ readonly code: string; readonly text: string } | null> => {
    try {
      const { document } = await shop.sync();
      const errors = document.syncs.flatMap(({ error }) => (error === null || error === undefined ? [] : [error]));
      if (errors.length === 0) {
        expect(document.status).toBe("ok");
        return null;
      }
      return { code: errors.map(({ code }) => code).join(" "), text: JSON.stringify(errors) };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      const codes = error.diagnostics.map(({ code }) => code).join(" ");
      return { code: codes, text: JSON.stringify(error.diagnostics) };
    }
  };

  /** A process that died is proved dead; this one goes on, so a person frees its lock. */
  const free = async (): Promise<void> => {
    const options = await shop.options();
    const holder = await lockHolder(options);
    if (holder !== null) await freeLock(options, holder.runId);
  };

  /** Loses the connection at the n-th statement of a day's run; false where the run had fewer. */
  const lose = async (n: number, cut: Cut, quiet: boolean): Promise<boolean> => {
    const there = townOn(today);
    await nextDay();
    const staying = townOn(today).filter((id) => there.includes(id));
    const first = shop.receiver.requests.length;
    between.cutAt(n, cut);
    const begun = performance.now();
    const error = await ended();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const { statements, wasCut } = await between.mend();
    const told = `${place.name}, ${cut} at ${n}: ${statements[n - 1]?.replace(/\s+/g, " ").slice(0, 200)}`;
    if (process.env["MILLRACE_CUTS_TELL"] !== undefined)
      console.log(`${told} (${seconds} s) -> ${error?.code ?? "ok"}`);
    if (!wasCut) {
      expect(error, told).toBe(null);
      return false;
    }
    if (error === null) {
      // Nothing but leaving the lock and dropping tables that end by themselves: all was sent and settled before.
      expect(kindOf(statements[n - 1] ?? ""), told).toMatch(/^(UPDATE lock|DROP .*)$/);
      expect(atPlatform(), told).toEqual(wanted());
    } else {
      expect(error.code, told).toBe(unreachable[(started.spec as WarehouseSpec).type]);
      expect(error.text, told).not.toMatch(/\n\s+at |invented|@|since/);
    }
    const still = new Set([...shop.receiver.state.members.keys()].map(Number));
    expect(
      staying.filter((id) => !still.has(id)),
      told,
    ).toEqual([]);
    await free();
    expect(await ended(), told).toBe(null);
    expect(atPlatform(), told).toEqual(wanted());
    expect(await inLedger(), told).toEqual(settled());
    expect(new Set(removed(first)), told).toEqual(new Set(there.filter((id) => !staying.includes(id))));
    if (quiet) {
      const sent = shop.receiver.requests.length;
      expect(await ended(), told).toBe(null);
      expect(shop.receiver.requests.length, told).toBe(sent);
    }
    return true;
  };

  /** The statements of a day's run. */
  const statementsOfADay = async (): Promise<readonly string[]> => {
    await nextDay();
    between.cutAt(Number.POSITIVE_INFINITY, "never arrived");
    expect(await ended()).toBe(null);
    return (await between.mend()).statements;
  };

  test(
    `${place.name}: whichever statement it is lost at, the next run brings all to its end`,
    { timeout: 7_200_000 },
    async () => {
      await statementsOfADay();
      const statements = await statementsOfADay();
      expect(await inLedger()).toEqual(settled());
      if (process.env["MILLRACE_CUTS"] === "all") {
        for (let n = 1; ; n += 1) {
          const [never, ...done] = cuts;
          const ways = [never, done[n % done.length] as Cut];
          let longer = true;
          for (const way of ways) longer = await lose(n, way, true);
          if (!longer) break;
          expect(n).toBeLessThan(500);
        }
        return;
      }
      const random = numbers(Number(process.env["MILLRACE_SEED"] ?? 1));
      for (const [at, n] of drawn(statements, 1, random).entries()) {
        const way = cuts[Math.floor(random() * cuts.length)] as Cut;
        await lose(n, way, at % 6 === 0);
      }
    },
  );
}

where("bqemulator", bqemulator.needs, () => lostConnections(bqemulator));
where("fakesnow", fakesnow.needs, () => lostConnections(fakesnow));
