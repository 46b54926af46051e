import { expect, test } from "vitest";
import { putAside, takeAway } from "../../src/engine/sync-tables.ts";
import { createSyncTables } from "../../src/ledger/tables.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { Dialect } from "../../src/warehouse/warehouse.ts";

type View = Parameters<typeof putAside>[0];

const viewOf = (dialect: Dialect, transactionalDdl: boolean): View =>
  ({
    warehouse: { dialect, capabilities: { transactionalDdl } },
    ledger: { dialect, schema: ["l"] },
  }) as unknown as View;

test("where DDL rolls back, tables are renamed and dropped in the transaction of the operation", () => {
  const view = viewOf(duckdbDialect, true);
  expect(putAside(view, "vip", "old")).toEqual({
    before: [],
    inside: [
      'ALTER TABLE "l"."sent__vip" RENAME TO "sent__old"',
      'ALTER TABLE "l"."rejections__vip" RENAME TO "rejections__old"',
      'ALTER TABLE "l"."state__vip" RENAME TO "state__old"',
      `UPDATE "l"."state__old" SET id = 'old', sync = 'old' WHERE TRUE`,
    ],
    after: [],
  });
  expect(takeAway(view, "vip").after).toEqual([]);
});

test("where DDL commits, tables are made as a ledger's are before, rows move within, and what is empty is dropped after", () => {
  const view = viewOf(snowflakeDialect, false);
  const { before, inside, after } = putAside(view, "vip", "old");
  const t = (kind: string, id: string): string => snowflakeDialect.relation("l", `${kind}__${id}`);
  expect(before).toEqual(createSyncTables(view.ledger, "old"));
  expect(inside.map((statement) => statement.replace(/ \(.*\) SELECT .* FROM/, " SELECT FROM"))).toEqual([
    ...["sent", "rejections", "state"].flatMap((kind) => [
      `DELETE FROM ${t(kind, "old")} WHERE TRUE`,
      `INSERT INTO ${t(kind, "old")} SELECT FROM ${t(kind, "vip")}`,
    ]),
    `UPDATE ${t("state", "old")} SET id = 'old', sync = 'old' WHERE TRUE`,
    ...["sent", "rejections", "state"].map((kind) => `DELETE FROM ${t(kind, "vip")} WHERE TRUE`),
  ]);
  expect(after).toEqual(["sent", "rejections", "state"].map((kind) => `DROP TABLE IF EXISTS ${t(kind, "vip")}`));
});
