/** The copy of a ledger before its first removal: when it is made, what it is called, that nothing takes it for a ledger. */
import { expect, it } from "vitest";
import type { RunEvent } from "../../src/core.ts";
import { audienceOf, layoutOf, syncIdOf } from "../../src/engine/ledger-layout.ts";
import { isSavedPart } from "../../src/engine/saved.ts";
import { dropOldSnapshots, isOver, snapshotName, snapshotOnce } from "../../src/engine/snapshot.ts";
import { failure } from "../../src/errors.ts";
import { bigqueryDialect } from "../../src/warehouse/bigquery-dialect.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { Dialect } from "../../src/warehouse/warehouse.ts";

const runId = "2026-11-22T06-00-01-250Z-9d1f3c";
const table = "snapshot__vip_to_meta__20261122_9d1f3c";

/** A ledger of which these tables are known, with so many runs that removed somebody. */
function ledgerOf(dialect: Dialect, tables: readonly string[] = [], removedBefore = 0, refuses = false) {
  const asked: string[] = [];
  const events: RunEvent[] = [];
  const schema = ["shop", "millrace"];
  const place = {
    ledger: { dialect, schema },
    tables,
    session: { ledger: (name: string) => dialect.relation(...schema, name) },
    warehouse: {
      dialect,
      async rows(sql: string) {
        asked.push(sql);
        return [{ total: removedBefore }];
      },
      async execute(sql: string) {
        asked.push(sql);
        if (refuses) throw failure("E721", "Access Denied");
        return 0;
      },
    },
  };
  const state = { id: "vip_to_meta", sync: "vip" };
  const take = () => snapshotOnce(place as never, { state, runId, onEvent: (event) => void events.push(event) });
  return { place: place as never, asked, events, take };
}

it.each([
  [
    bigqueryDialect,
    "SELECT count(*) AS total FROM `shop`.`millrace`.`sync_runs` WHERE sync = 'vip' AND removed > 0",
    `CREATE TABLE \`shop\`.\`millrace\`.\`${table}\` CLONE \`shop\`.\`millrace\`.\`sent__vip_to_meta\` OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 7 DAY))`,
  ],
  [
    snowflakeDialect,
    'SELECT count(*) AS total FROM "SHOP"."MILLRACE"."SYNC_RUNS" WHERE sync = \'vip\' AND removed > 0',
    `CREATE TRANSIENT TABLE "SHOP"."MILLRACE"."${table.toUpperCase()}" CLONE "SHOP"."MILLRACE"."SENT__VIP_TO_META"`,
  ],
])("asks whether somebody was removed before, and copies", async (dialect, ...statements) => {
  const { asked, events, take } = ledgerOf(dialect);
  await take();
  expect(asked).toEqual(statements);
  expect(events).toEqual([{ event: "ledger.snapshot", level: "info", fields: { sync: "vip", table, days: 7 } }]);
});

it.each([
  ["DuckDB has no such copy", duckdbDialect, [], 0, 0],
  ["there is one", bigqueryDialect, ["snapshot__vip_to_meta__20261120_000000"], 0, 0],
  ["somebody was removed before", bigqueryDialect, ["snapshot__vip_to_meta__x__20261120_000000"], 3, 1],
])("makes none where %s", async (_, dialect, tables, removedBefore, questions) => {
  const { asked, events, take } = ledgerOf(dialect, tables, removedBefore);
  await take();
  expect([asked.filter((sql) => sql.startsWith("CREATE")), asked.length, events]).toEqual([[], questions, []]);
});

it("tells a copy that cannot be made, and goes on", async () => {
  const { events, take } = ledgerOf(snowflakeDialect, [], 0, true);
  await take();
  expect(events).toEqual([
    { event: "ledger.snapshot", level: "warn", fields: { sync: "vip", because: "E721: Access Denied" } },
  ]);
});

it("is no table of a ledger, of a plan or of an audience", () => {
  const ledger = { dialect: bigqueryDialect, schema: [] };
  expect(snapshotName("vip_to_meta", runId)).toBe(table);
  expect([layoutOf(ledger, table), syncIdOf(table), audienceOf(table), isSavedPart(table)]).toEqual([
    null,
    null,
    null,
    false,
  ]);
});

it("is kept for a week of whole days, and dropped after it", async () => {
  const at = (text: string): number => Date.parse(text);
  expect(isOver(table, at("2026-11-29T23:59:59Z"))).toBe(false);
  expect(isOver(table, at("2026-11-30T00:00:01Z"))).toBe(true);
  expect(isOver("sent__vip__20251122_9d1f3c", at("2026-11-30T00:00:01Z"))).toBe(false);
  const { place, asked } = ledgerOf(bigqueryDialect, [
    table,
    "sent__vip_to_meta",
    snapshotName("b", `2026-11-29${runId}`),
  ]);
  await dropOldSnapshots(place, at("2026-11-30T00:00:01Z"));
  expect(asked).toEqual([`DROP TABLE IF EXISTS \`shop\`.\`millrace\`.\`${table}\``]);
});
