import { afterAll, beforeAll, expect, test } from "vitest";
import type { Mode } from "../../src/core.ts";
import { planTable, reprintTable, type DiffInput } from "../../src/engine/diff.ts";
import { freezeDiff } from "../../src/engine/freeze-diff.ts";
import { fastPrint, stablePrint } from "../../src/engine/wanted.ts";
import { createLedger, createSyncTables, sentTable } from "../../src/ledger/tables.ts";
import { together } from "../../src/warehouse/ferry.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { ledgerOf, shapeOfWorld, target } from "./pipeline-run.ts";
import { lateMs } from "./pipeline-world.ts";

let warehouse: DuckDBWarehouse;
let made = 0;
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 1 });
  for (const statement of createLedger(ledgerOf(warehouse))) await warehouse.execute(statement);
});
afterAll(() => warehouse.close());

const states = ["ok", "doubt", "owed", "left", "assumed", "held"] as const;
const tag = 7;

interface Row {
  readonly k: string;
  readonly state: string;
  /** Print under today's mapping, or something else. */
  readonly print: "same" | "other" | "none";
  readonly tag?: number;
  readonly m?: number;
  readonly fast?: "same" | "other";
  readonly sentAt?: number;
}

/** `key:op` of every row of the plan, in order of keys; `reprinted` where rows get new prints only. */
async function planned(
  mode: Mode,
  model: readonly (string | null)[],
  sent: readonly Row[],
  more: Partial<DiffInput> = {},
) {
  const id = `d${++made}`;
  const ledger = ledgerOf(warehouse);
  const kind = mode === "append" ? "event" : "membership";
  const policy = {
    kind,
    mode,
    delivery: "set",
    onLeave: "remove",
    lateMs,
    adopt: false,
    giveUp: { attempts: 5, ageMs: 86_400_000 },
  } as const;
  const shape = shapeOfWorld({ policy, identify: mode === "append" ? "key" : "each" });
  const rows = `${target}."people__${id}"`;
  await warehouse.execute(`CREATE TABLE ${rows} (id VARCHAR, email VARCHAR, phone VARCHAR, content VARCHAR)`);
  await warehouse.append(rows, [model.map((k) => [k, `${k}@example.com`, null, "A"])]);
  for (const statement of createSyncTables(ledger, id)) await warehouse.execute(statement);
  const quote = (name: string) => warehouse.dialect.quote(name);
  const stable = stablePrint(warehouse.dialect, shape, quote);
  const fast = fastPrint(warehouse.dialect, shape, quote);
  const prints = await warehouse.rows(
    `SELECT id, CAST(${stable} AS VARCHAR) AS h, CAST(${fast} AS VARCHAR) AS f FROM ${rows}`,
  );
  const cells = sent.map((row) => {
    const today = prints.find((one) => one["id"] === row.k) ?? { h: "1", f: "2" };
    const h = row.print === "none" ? null : row.print === "same" ? today["h"] : "3";
    const f = h === null ? null : (row.fast ?? row.print) === "same" ? today["f"] : "4";
    const ids = [{ kind: "email", value: `${row.k}@example.com`, version: 1 }];
    const doubtAt = row.state === "doubt" ? 1 : null;
    return [
      row.k,
      h,
      f,
      row.tag ?? tag,
      row.m ?? 1,
      ids,
      row.state,
      doubtAt,
      null,
      null,
      null,
      "r",
      row.sentAt ?? 1_000,
    ];
  });
  await warehouse.append(sentTable(ledger, id), [cells]);
  const input = {
    ledger,
    id,
    shape,
    rows,
    scratch: (name: string) => `${target}."${name}"`,
    tag,
    refreshBefore: null,
    full: false,
    older: [],
    ...more,
  };
  await freezeDiff(together(warehouse, target), input);
  const names = ["", "add", "update", "remove", "refresh"];
  const plan = await warehouse.rows(`SELECT k, op FROM ${planTable(target, id)} ORDER BY k`);
  const told = plan.map((row) => `${row["k"]}:${names[Number(row["op"])]}`).join(" ");
  if (input.older.length === 0) return told;
  const reprinted = await warehouse.rows(`SELECT k FROM ${reprintTable(target, id)} ORDER BY k`);
  return `${told} | ${reprinted.map((row) => row["k"]).join(" ")}`;
}

/** Per state: a key wanted as it was, one wanted otherwise, one no longer wanted; the rules judge what the plan holds. */
const byMode: readonly (readonly [Mode, string])[] = [
  [
    "mirror",
    "doubt_gone:remove doubt_other:update doubt_same:update ok_gone:remove ok_other:update owed_gone:remove owed_other:update owed_same:update left_other:update left_same:update assumed_gone:remove assumed_other:update new:add",
  ],
  [
    "upsert",
    "doubt_gone:remove doubt_other:update doubt_same:update ok_gone:remove ok_other:update owed_gone:remove owed_other:update owed_same:update left_other:update left_same:update assumed_gone:remove assumed_other:update new:add",
  ],
  [
    "add",
    "doubt_gone:remove doubt_other:update doubt_same:update ok_gone:remove ok_other:update owed_gone:remove owed_other:update owed_same:update left_other:update left_same:update assumed_gone:remove assumed_other:update new:add",
  ],
  [
    "remove",
    "doubt_gone:remove doubt_other:update doubt_same:update ok_gone:remove ok_other:update owed_gone:remove owed_other:update owed_same:update left_gone:remove left_other:update left_same:update held_gone:remove assumed_gone:remove assumed_other:update new:add",
  ],
  ["append", "doubt_other:update doubt_same:update new:add"],
];

test.each(byMode)("mode %s", async (mode, expected) => {
  const sent = states.flatMap((state): Row[] => {
    const print = state === "doubt" ? "none" : "other";
    return [
      { k: `${state}_same`, state, print: state === "doubt" ? "none" : "same" },
      { k: `${state}_other`, state, print },
      { k: `${state}_gone`, state, print },
    ];
  });
  const model = [...states.flatMap((state) => [`${state}_same`, `${state}_other`]), "new"];
  expect((await planned(mode, model, sent)).split(" ").toSorted()).toEqual(expected.split(" ").toSorted());
});

const ok = (k: string, more: Partial<Row> = {}): Row => ({ k, state: "ok", print: "same", ...more });

test("the fast print counts only under its own tag, else the stable one", async () => {
  const rows = [
    ok("both"),
    ok("fast_differs", { fast: "other" }),
    ok("foreign_tag", { fast: "other", tag: 8 }),
    ok("foreign_tag_changed", { print: "other", fast: "same", tag: 8 }),
  ];
  const keys = rows.map(({ k }) => k);
  expect(await planned("mirror", keys, rows)).toBe("fast_differs:update foreign_tag_changed:update");
});

test.each(["mirror", "remove"] as const)("wanted rows without a key are nobody's, mode %s", async (mode) => {
  expect(await planned(mode, ["a", null, "new", null], [ok("a"), ok("gone")])).toBe("gone:remove new:add");
});

test("full sends everybody but those held", async () => {
  const rows = [ok("a"), ok("b", { state: "assumed" }), ok("c", { state: "held" }), ok("gone")];
  expect(await planned("mirror", ["a", "b", "c"], rows, { full: true })).toBe("a:update b:update gone:remove");
});

test("memberships about to lapse are refreshed, changed ones updated", async () => {
  const rows = [ok("a", { sentAt: 10 }), ok("b", { sentAt: 99 }), ok("c", { sentAt: 10, print: "other" })];
  expect(await planned("mirror", ["a", "b", "c"], rows, { refreshBefore: "50" })).toBe("a:refresh c:update");
});

test("from_now: what is the same under its own mapping is reprinted, what is not is sent", async () => {
  // The ledger's "other" print is 3: what this older mapping makes of a@example.com, and not of ab@example.com.
  const older = [{ m: 1, print: "CAST(length(d.email) - 10 AS UBIGINT)", columns: ["email"] }];
  const rows = [ok("a", { print: "other" }), ok("ab", { print: "other" }), ok("c", { m: 2 })];
  expect(await planned("mirror", ["a", "ab", "c"], rows, { older })).toBe("ab:update | a");
});
