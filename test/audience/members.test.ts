import { afterAll, beforeAll, expect, test } from "vitest";
import {
  advanceMembers,
  createMembers,
  currentMembersQuery,
  membersDelta,
  membersTable,
  splitDelta,
  staysQuery,
} from "../../src/audience/members.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";

let warehouse: DuckDBWarehouse;
beforeAll(async () => {
  warehouse = await openDuckDB();
});
afterAll(() => warehouse.close());

const people = (...keys: readonly string[]): string =>
  `SELECT unnest([${keys.map((key) => `'${key}'`).join(", ")}]::VARCHAR[]) AS k`;

test("stays open and close once per run, and again after a return", async () => {
  const table = membersTable("vip");
  await warehouse.execute(createMembers(warehouse.dialect, table));
  await warehouse.execute(createMembers(warehouse.dialect, table));
  const advance = (id: string, at: string, members: string) =>
    warehouse.script(advanceMembers(warehouse.dialect, table, members, { id, at: Date.parse(at) }));
  await advance("r1", "2026-01-01", people("a", "b", "b", "z"));
  await advance("r1", "2026-01-01", people("a", "b", "b", "z"));
  await advance("r2", "2026-01-02", people("b", "c"));
  await advance("r2", "2026-01-02", people("b", "c"));
  await advance("r3", "2026-01-03", people("a", "b", "c"));
  expect(await warehouse.rows(`SELECT k, entered_run, left_run FROM ${table} ORDER BY k, entered_at`)).toEqual([
    { k: "a", entered_run: "r1", left_run: "r2" },
    { k: "a", entered_run: "r3", left_run: null },
    { k: "b", entered_run: "r1", left_run: null },
    { k: "c", entered_run: "r2", left_run: null },
    { k: "z", entered_run: "r1", left_run: "r2" },
  ]);
  expect(await warehouse.rows(`${currentMembersQuery(table)} ORDER BY k`)).toEqual([
    { k: "a" },
    { k: "b" },
    { k: "c" },
  ]);
  expect(await warehouse.rows(staysQuery(warehouse.dialect, table, "a"))).toEqual([
    {
      entered_at: "2026-01-01T00:00:00.000000Z",
      entered_run: "r1",
      left_at: "2026-01-02T00:00:00.000000Z",
      left_run: "r2",
    },
    { entered_at: "2026-01-03T00:00:00.000000Z", entered_run: "r3", left_at: null, left_run: null },
  ]);
});

test.for<[string | null, string, object]>([
  [null, people("a"), { before_count: 0, now_count: 1, enter_count: 1, leave_count: 0 }],
  [people("a", "b", "b"), people("b", "c", "d"), { before_count: 2, now_count: 3, enter_count: 2, leave_count: 1 }],
  [people("a"), `${people("a")} WHERE FALSE`, { before_count: 1, now_count: 0, enter_count: 0, leave_count: 1 }],
])("the delta from %s to %s", async ([previous, members, expected]) => {
  expect(await warehouse.rows(membersDelta(warehouse.dialect, previous, members))).toEqual([expected]);
});

test("a delta is split into what the edit moved and what the data moved", async () => {
  // Last run: a to d. The old rules on today's data: a, b, e. Today's rules: a, c, e, f.
  const sql = splitDelta(warehouse.dialect, {
    previous: people("a", "b", "c", "d"),
    previousDefinition: people("a", "b", "e"),
    current: people("a", "c", "e", "f"),
  });
  expect(await warehouse.rows(sql)).toEqual([{ enter_edit: 1, enter_data: 1, leave_edit: 1, leave_data: 1 }]);
  expect(
    await warehouse.rows(
      splitDelta(warehouse.dialect, { previous: null, previousDefinition: people("a"), current: people("a", "b") }),
    ),
  ).toEqual([{ enter_edit: 1, enter_data: 1, leave_edit: 0, leave_data: 0 }]);
});
