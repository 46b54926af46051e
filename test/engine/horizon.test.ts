import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { forgetStatements, withinHorizon } from "../../src/engine/horizon.ts";
import { planSyncs, readStatus } from "../../src/engine/index.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { createSyncTables, sentTable, type Ledger } from "../../src/ledger/tables.ts";
import type { SyncSpec } from "../../src/project/project.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { day, startShop, type Shop } from "./small-shop.ts";

const horizon = 10;
const spec = { append: { time: "at", horizonMs: horizon * day } } as SyncSpec;

describe("an event is sent once, whatever the ledger has forgotten", () => {
  const start = Date.parse("2026-03-01T06:00:00Z");
  const shape = {
    sync: { name: "events", spec, at: () => undefined },
    families: new Map([["at", "timestamp"]]),
  } as unknown as Shape;
  let warehouse: DuckDBWarehouse;
  let ledger: Ledger;
  let made = 0;

  beforeAll(async () => {
    warehouse = await openDuckDB({ threads: 1 });
    ledger = { dialect: warehouse.dialect, schema: ["memory", "main"] };
  });
  afterAll(() => warehouse.close());

  interface Life {
    /** Days from the start at which events happened, and how far ahead they are dated. */
    readonly events: readonly { readonly at: number; readonly ahead: number; readonly gone: readonly number[] }[];
    /** Days between runs; how far the clock and as_of are off. */
    readonly runs: readonly { readonly after: number; readonly jump: number; readonly asOf: number }[];
  }

  async function timesSent({ events, runs }: Life): Promise<readonly number[]> {
    const id = `e${++made}`;
    for (const statement of createSyncTables(ledger, id)) await warehouse.execute(statement);
    const sent = sentTable(ledger, id);
    const times = events.map(() => 0);
    let today = 0;
    for (const [index, run] of runs.entries()) {
      today += run.after;
      const now = start + (today + run.jump) * day;
      const there = events.flatMap(({ at, ahead, gone }, k) =>
        at <= today && !gone.includes(index)
          ? [`(${k}, ${warehouse.dialect.timestamp(start + (at + ahead) * day)})`]
          : [],
      );
      if (there.length === 0) continue;
      const given = `(SELECT CAST(k AS VARCHAR) AS k, "at" FROM (VALUES ${there.join(", ")}) t(k, "at"))`;
      const { relation } = withinHorizon(warehouse.dialect, shape, given, { asOf: now + run.asOf * day, now });
      const fresh = await warehouse.rows(`SELECT k FROM ${relation} WHERE k NOT IN (SELECT k FROM ${sent})`);
      for (const { k } of fresh) {
        times[Number(k)]! += 1;
        await warehouse.execute(`INSERT INTO ${sent} (k, state, sent_at) VALUES ('${k}', 'ok', ${now})`);
      }
      for (const statement of forgetStatements(ledger, id, spec, now)) await warehouse.execute(statement);
    }
    return times;
  }

  const days = (min: number, max: number) => fc.integer({ min, max });
  const event = (ahead: number) =>
    fc.record({
      at: days(0, 40),
      ahead: days(ahead === 0 ? -15 : -2, ahead),
      gone: fc.uniqueArray(days(0, 12), { maxLength: 6 }),
    });
  const lives = (ahead: number, jump: number): fc.Arbitrary<Life> =>
    fc.record({
      events: fc.array(event(ahead), { minLength: 3, maxLength: 9 }),
      runs: fc.array(
        fc.record({
          after: days(0, 12),
          jump: jump === 0 ? fc.constant(0) : days(0, jump),
          asOf: fc.oneof(fc.constant(0), days(-6, 6), days(-40, 40)),
        }),
        { minLength: 2, maxLength: 12 },
      ),
    });

  it.each([
    ["events are dated ahead", lives(12, 0)],
    ["the clock jumps ahead and back", lives(0, 40)],
  ])("although %s", { timeout: 120_000 }, async (_, arbitrary) => {
    const property = fc.asyncProperty(arbitrary, async (life) => {
      for (const times of await timesSent(life)) expect(times).toBeLessThanOrEqual(1);
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

const destination = `import { defineDestination, defineObject, post, byStatus, all, anyValue, exact, skipped } from "millrace/destination";
import { z } from "zod";
export default defineDestination({
  name: "events", describe: "Events", docs: "https://example.com",
  config: z.strictObject({ url: z.string(), allow_private_network: z.boolean().default(false) }),
  credentials: z.strictObject({}), auth: { type: "none" }, effects: ["http"],
  hosts: ({ url }) => [new URL(url).hostname],
  objects: { thing: defineObject({ describe: "t", kind: "event", ops: ["add"], delivery: "set", identify: "any",
    identifiers: { email: exact() }, fields: {}, openFields: anyValue({ describe: "Any" }), limits: { rows: 100 },
    *deliver(batch, { config }) {
      const young = batch.changes.filter(({ fields }) => fields.name !== "Old");
      if (young.length === 0) return batch.changes.map(() => skipped("too_old"));
      const { id, op } = batch;
      const answer = yield* post(config.url, JSON.stringify({ batch: id, op, changes: young }), { headers: { "content-type": "application/json" } });
      const outcomes = all(batch, byStatus(answer));
      return batch.changes.map((change, at) => (young.includes(change) ? outcomes[at] : skipped("too_old")));
    } }) },
});
`;

describe("a sync of events", () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await startShop();
    const config = `{ url: "${shop.receiver.url}/in", allow_private_network: true }`;
    await shop.write("destinations/events.mjs", destination);
    await shop.write("destinations/out.yml", `destination: out\ntype: events\nlate: 0s\nconfig: ${config}\n`);
    await shop.write("models/customers.sql", "select * from {{ ref('people') }}\n");
    await use("append: { time: at, horizon: 10d }");
  });
  afterEach(() => shop.close());

  const use = (append: string): Promise<void> =>
    shop.write(
      "models/models.yml",
      `models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
syncs:
  - name: things
    model: customers
    destination: out
    object: thing
    mode: append
    mappings: [{ to: name, from: name }]
    ${append}
`,
    );
  const people = (...lines: readonly string[]): Promise<void> =>
    shop.write("seeds/people.csv", `id,name,email,at\n${lines.join("\n")}\n`);
  const sent = (): readonly string[] =>
    shop.receiver.requests.flatMap(({ body }) => body.changes.map(({ key }: { key: number }) => String(key)));
  const planned = async () =>
    (await planSyncs({ ...(await shop.options()), save: false, sampleRows: 0 })).document.syncs[0]!;
  const held = async () => (await readStatus(await shop.options())).syncs[0]!.people;

  it("sends what happened within the horizon, counts the rest as late, and forgets in time", async () => {
    const [ada, bo, cy] = ["1,Ada,a@example.com,2026-02-25", "2,Bo,b@example.com,2026-02-10", "3,Cy,c@example.com,"];
    await people(ada, bo, cy);
    expect((await planned()).skipped).toEqual([{ reason: "late", count: 2 }]);
    await shop.sync();
    expect(sent()).toEqual(["1"]);
    await people(ada, bo, "3,Cy,c@example.com,2026-02-28");
    await shop.sync();
    expect(sent()).toEqual(["1", "3"]);
    expect(await held()).toBe(2);
    shop.now += 25 * day;
    await people(ada, bo, "4,Di,d@example.com,2026-03-26");
    await shop.sync();
    expect([sent(), await held()]).toEqual([["1", "3", "4"], 1]);
    expect((await planned()).skipped).toEqual([{ reason: "late", count: 2 }]);
    expect((await shop.sync()).document.syncs[0]!.status).toBe("unchanged");
  });

  it("counts what changed after it was sent, and sends it no more", async () => {
    await people("1,Ada,a@example.com,2026-02-25", "2,Bo,b@example.com,2026-02-25");
    await shop.sync();
    await people("1,Ada,a@example.com,2026-02-25", "2,Bob,b@example.com,2026-02-25");
    expect((await planned()).skipped).toEqual([{ reason: "changed_after_send", count: 1 }]);
    expect((await shop.sync()).document.syncs[0]!.status).toBe("unchanged");
    expect(sent()).toEqual(["1", "2"]);
  });

  it("offers an event that the platform finds too old once, and again when it changed", async () => {
    await people("1,Ada,a@example.com,2026-02-25", "2,Old,b@example.com,2026-02-25");
    const [first] = (await shop.sync()).document.syncs;
    expect(first).toMatchObject({ status: "ok", outcomes: { accepted: 1, skipped: 1 } });
    expect((await planned()).skipped).toEqual([{ reason: "too_old", count: 1 }]);
    expect((await readStatus(await shop.options())).syncs[0]).toMatchObject({ people: 1, rejected: 0 });
    shop.now += day;
    expect((await shop.sync()).document.syncs[0]).toMatchObject({
      status: "ok",
      requests: 0,
      outcomes: { skipped: 1 },
    });
    expect(sent()).toEqual(["1"]);
    await people("1,Ada,a@example.com,2026-02-25", "2,Bo,b@example.com,2026-02-25");
    await shop.sync();
    expect(sent()).toEqual(["1", "2"]);
  });

  it("takes a column that is no time for a mistake, with its place", async () => {
    await people("1,Ada,a@example.com,soon");
    expect(await planned()).toMatchObject({
      status: "stopped",
      error: expect.stringMatching(/^E253: .*"at"/) as string,
    });
  });
});
