import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeliveryRecord } from "../../src/engine/records.ts";
import { settle } from "../../src/engine/settle.ts";
import { settleAccepted } from "../../src/engine/settle-accepted.ts";
import { fileVerdicts } from "../../src/engine/verdicts.ts";
import { sharedTable } from "../../src/ledger/tables.ts";
import { createLedger } from "../../src/ledger/tables.ts";
import { together } from "../../src/warehouse/ferry.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { given, ledgerOf, plan, sentAt, shapeOfWorld, standing, target } from "./pipeline-run.ts";
import { now, type KeySpec, type WorldSpec } from "./pipeline-world.ts";

let warehouse: DuckDBWarehouse;
let made = 0;
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 1 });
  for (const statement of createLedger(ledgerOf(warehouse))) await warehouse.execute(statement);
});
afterAll(() => warehouse.close());

const kinds = ["new", "same", "changed", "left"] as const;

function keySpec(kind: (typeof kinds)[number], remoteId: "own" | null): KeySpec {
  const held = {
    state: "ok" as const,
    content: kind === "same" ? ("same" as const) : ("other" as const),
    tagged: true,
    extra: [],
    remoteId,
    doubtAt: null,
    unanswered: false,
    sentAt: now - 1_000_000,
  };
  return {
    person: { wanted: kind !== "left", email: "a@example.com", phone: null, content: "c" },
    held: kind === "new" ? null : held,
    refused: [],
  } as unknown as KeySpec;
}

const worlds = fc.record({
  keys: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 12 }),
  policy: fc.constantFrom(
    { kind: "membership", mode: "mirror", onLeave: "remove", delivery: "keyed" },
    { kind: "record", mode: "mirror", onLeave: "delete", delivery: "set" },
  ),
  remoteId: fc.constantFrom("own" as const, null),
  windowRows: fc.integer({ min: 1, max: 5 }),
  batch: fc.integer({ min: 1, max: 4 }),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** The ledger and its history after settling the world in one of the two ways; `spoil` makes one row say something else. */
async function settled(world: World, rowByRow: boolean, spoil: boolean): Promise<unknown> {
  made += 1;
  const id = `s${made}`;
  const spec: WorldSpec = {
    policy: {
      ...world.policy,
      lateMs: 900_000,
      adopt: false,
      giveUp: { attempts: 5, ageMs: 86_400_000 },
    } as WorldSpec["policy"],
    identify: "key",
    keys: Object.fromEntries(world.keys.map((kind, index) => [`k${index}`, keySpec(kind, world.remoteId)])),
    full: false,
    retry: false,
    windowRows: world.windowRows,
    salt: 1,
  };
  const base = shapeOfWorld(spec);
  const place = { ferry: together(warehouse, target), ledger: ledgerOf(warehouse) };
  const shape = { ...base, object: { ...base.object, passThrough: true } };
  await given(place, id, spec, shape);
  const ran = await plan(place, id, spec, shape);
  const seqs = [...ran.seqs.values()].toSorted((a, b) => a - b);
  await fileVerdicts(warehouse, target, id, batches(seqs, world.batch, spoil));
  const options = { ...ran.options, rowByRow };
  if (!rowByRow) expect((await settleAccepted(options)) !== null).toBe(seqs.length > 0 && !spoil);
  const counts = await settle(options);
  const { literal } = warehouse.dialect;
  const changes = sharedTable(ledgerOf(warehouse), "changes");
  const history = await warehouse.rows(
    `SELECT k, op, status, code, run_id FROM ${changes} WHERE sync = 's' ORDER BY k`,
  );
  await warehouse.execute(`DELETE FROM ${changes} WHERE sync = ${literal("s")}`);
  return { counts, history, ...(await standing(place, id)) };
}

/** Accepted batches of at most `size` rows of one op; with `spoil` the last row is refused. */
function batches(seqs: readonly number[], size: number, spoil: boolean): readonly DeliveryRecord[] {
  const records: DeliveryRecord[] = [];
  for (const op of [1, 2, 3]) {
    const own = seqs.filter((seq) => Math.floor(seq / 2 ** 48) === op);
    for (let at = 0; at < own.length; at += size) {
      const rows = own.slice(at, at + size);
      const range = {
        b: `${op}-${at}`,
        p: op === 3 ? 1 : 0,
        a: rows[0] as number,
        z: rows.at(-1) as number,
        at: sentAt,
      };
      records.push({ t: "i", ...range, d: "d" }, { t: "v", ...range, s: "accepted" });
    }
  }
  const last = seqs.at(-1);
  if (spoil && last !== undefined) {
    const p = Math.floor(last / 2 ** 48) === 3 ? 1 : 0;
    records.push({ t: "r", b: "x", p, at: sentAt, rows: [[last, "rejected", "no", "no", null]] });
  }
  return records;
}

it("settles at once as the rules do row by row, and leaves anything else to them", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(worlds, fc.boolean(), async (world, spoil) => {
      expect(await settled(world, false, spoil)).toEqual(await settled(world, true, spoil));
    }),
    { numRuns: 12 },
  );
});
