/** Describing, executing, scripts and rows. */
import { expect } from "vitest";
import { groups } from "./samples.ts";
import {
  collected,
  makeTable,
  type Operation,
  refusal,
  rowsIn,
  selectOf,
  sqlOf,
  type Subject,
  taken,
  valuesOf,
} from "./subject.ts";
import { columnTypes } from "./words.ts";

export const statements: readonly Operation[] = [
  ...groups.map(({ name, samples }) => ({
    operation: `describe: ${name}`,
    async run(subject: Subject) {
      const { warehouse } = subject;
      const chosen = taken(subject, samples);
      const expressions = chosen.map((sample) => sqlOf(sample, warehouse.type));
      const columns = await warehouse.describe(selectOf(subject, expressions));
      expect(columns.map((column) => [column.name, column.family])).toEqual(
        chosen.map(({ family }, index) => [`c${index}`, family]),
      );
      expect(columns.filter(({ type }) => type === "")).toEqual([]);
    },
  })),
  {
    operation: "describe: columns of a table",
    async run(subject) {
      const { warehouse } = subject;
      const families = (Object.keys(columnTypes) as (keyof typeof columnTypes)[]).filter(
        (family) => subject.takes?.(family) ?? true,
      );
      const columns = Object.fromEntries(families.map((family) => [`a ${family}`.replace(" ", "_"), family]));
      const relation = await makeTable(subject, "described", columns);
      const found = await warehouse.describe(`SELECT * FROM ${relation}`);
      expect(found.map(({ name, family }) => [name, family])).toEqual(
        families.map((family) => [`a_${family}`, family]),
      );
    },
  },
  {
    operation: "describe: runs nothing",
    async run(subject) {
      const { warehouse } = subject;
      const relation = await makeTable(subject, "unread", { s: "text" });
      const [day, s] = ["day", "s"].map(warehouse.dialect.quote);
      await warehouse.execute(`INSERT INTO ${relation} (${s}) VALUES ('no date')`);
      const columns = await warehouse.describe(`SELECT CAST(${s} AS DATE) AS ${day} FROM ${relation}`);
      expect(columns.map(({ name, family }) => [name, family])).toEqual([["day", "date"]]);
    },
  },
  {
    operation: "execute: counts changed rows",
    async run(subject) {
      const { warehouse } = subject;
      const n = warehouse.dialect.quote("n");
      const relation = await makeTable(subject, "counted", { n: "integer" });
      expect([
        await warehouse.execute(`INSERT INTO ${relation} (${n}) VALUES (1), (2), (3)`),
        await warehouse.execute(`UPDATE ${relation} SET ${n} = ${n} + 10 WHERE ${n} > 1`),
        await warehouse.execute(`DELETE FROM ${relation} WHERE ${n} = 1`),
        await warehouse.execute(`DELETE FROM ${relation} WHERE ${n} = 99`),
      ]).toEqual([3, 2, 1, 0]);
      expect(await rowsIn(subject, relation)).toEqual([[12], [13]]);
    },
  },
  {
    operation: "execute: MERGE counts what it inserts and updates",
    async run(subject) {
      const { warehouse } = subject;
      const [k, v] = ["k", "v"].map(warehouse.dialect.quote);
      const relation = await makeTable(subject, "merged", { k: "integer", v: "text" });
      await warehouse.execute(`INSERT INTO ${relation} (${k}, ${v}) VALUES (1, 'a'), (2, 'b')`);
      const changed = await warehouse.execute(
        `MERGE INTO ${relation} AS t USING (SELECT 2 AS ${k}, 'B' AS ${v} UNION ALL SELECT 3, 'C') AS s ON t.${k} = s.${k} \
WHEN MATCHED THEN UPDATE SET ${v} = s.${v} WHEN NOT MATCHED THEN INSERT (${k}, ${v}) VALUES (s.${k}, s.${v})`,
      );
      expect([changed, await rowsIn(subject, relation)]).toEqual([
        2,
        [
          [1, "a"],
          [2, "B"],
          [3, "C"],
        ],
      ]);
    },
  },
  {
    operation: "execute: parameters are bound, not pasted",
    async run(subject) {
      const { warehouse } = subject;
      const relation = await makeTable(subject, "bound", {
        n: "integer",
        s: "text",
        big: "integer",
        f: "float",
        yes: "boolean",
        nothing: "integer",
        object: "text",
      });
      const changed = await warehouse.execute(
        `INSERT INTO ${relation} (${["n", "s", "big", "f", "yes", "nothing", "object"].map(warehouse.dialect.quote).join(", ")}) \
SELECT ?, ?, ?, ?, ?, ?, ? /* ' ? */ FROM (SELECT 1 AS one) AS q WHERE '?' = ? -- ?`,
        [1, `'; DROP TABLE x; -- "\\ ?\n😀`, 2 ** 40, 1.5, true, null, { x: [1, "?"] }, "?"],
      );
      expect([changed, await rowsIn(subject, relation)]).toEqual([
        1,
        [[1, `'; DROP TABLE x; -- "\\ ?\n😀`, 2 ** 40, 1.5, true, null, '{"x":[1,"?"]}']],
      ]);
    },
  },
  {
    operation: "script: all statements are done",
    async run(subject) {
      const { warehouse } = subject;
      const [n, s] = ["n", "s"].map(warehouse.dialect.quote);
      const relation = await makeTable(subject, "scripted", { n: "integer", s: "text" });
      await warehouse.script([
        `INSERT INTO ${relation} (${n}, ${s}) VALUES (1, 'a; b -- c')`,
        `INSERT INTO ${relation} (${n}, ${s}) VALUES (2, 'd') -- the second; not the last`,
        `UPDATE ${relation} SET ${n} = ${n} + 1 WHERE TRUE`,
      ]);
      expect(await rowsIn(subject, relation)).toEqual([
        [2, "a; b -- c"],
        [3, "d"],
      ]);
    },
  },
  {
    operation: "script: a failing statement leaves nothing of those before",
    async run(subject) {
      const { warehouse } = subject;
      const n = warehouse.dialect.quote("n");
      const relation = await makeTable(subject, "atomic", { n: "integer" });
      await warehouse.execute(`INSERT INTO ${relation} (${n}) VALUES (1)`);
      const integer = columnTypes.integer[warehouse.type];
      await refusal(() =>
        warehouse.script([
          `INSERT INTO ${relation} (${n}) VALUES (2)`,
          `DELETE FROM ${relation} WHERE ${n} = 1`,
          `INSERT INTO ${relation} (${n}) SELECT CAST(s AS ${integer}) FROM (SELECT 'marie@example.com' AS s) AS q`,
        ]),
      );
      expect(await rowsIn(subject, relation)).toEqual([[1]]);
      await warehouse.script([`INSERT INTO ${relation} (${n}) VALUES (5)`]);
      expect(await rowsIn(subject, relation)).toEqual([[1], [5]]);
    },
  },
  {
    operation: "rows: parameters and names",
    async run({ warehouse }) {
      const { quote } = warehouse.dialect;
      const rows = await warehouse.rows(
        `SELECT ? AS ${quote("a")}, ? AS ${quote("Größe")}, ? AS ${quote("select")}, ? AS ${quote("Bb")}`,
        [1, "x", 0.25, false],
      );
      expect(rows).toEqual([{ a: 1, Größe: "x", select: 0.25, Bb: false }]);
    },
  },
  {
    operation: "rows: no rows",
    async run(subject) {
      const { warehouse } = subject;
      expect(await warehouse.rows(`${selectOf(subject, ["1"])} LIMIT 0`)).toEqual([]);
      expect(await collected(warehouse, `${selectOf(subject, ["1"])} LIMIT 0`)).toEqual([]);
    },
  },
  {
    operation: "usage and labels: statements are counted, marks change no result",
    async run(subject) {
      const { warehouse } = subject;
      const before = warehouse.usage().statements;
      const marked = warehouse.labelled({ sync: "vip_to_meta", run: "r_1" });
      expect(await marked.rows(selectOf(subject, ["1"]))).toEqual([{ c0: 1 }]);
      expect([warehouse.usage().statements - before, marked.usage()]).toEqual([1, warehouse.usage()]);
      expect(await warehouse.estimate(selectOf(subject, ["1"]))).toEqual(
        warehouse.capabilities.costEstimate ? { bytes: expect.any(Number), tables: expect.any(Number) } : null,
      );
    },
  },
  {
    operation: "errors: one line with a code and without values",
    async run(subject) {
      const { warehouse, table } = subject;
      const integer = columnTypes.integer[warehouse.type];
      const failing = [
        "SELEC 1",
        `SELECT * FROM ${table("nowhere")}`,
        "SELECT no_such_column FROM (SELECT 1 AS a) AS q",
        `SELECT CAST('marie@example.com' AS ${integer}) AS a`,
        `SELECT CAST(s AS ${integer}) AS a FROM (SELECT 'marie@example.com' AS s) AS q`,
      ];
      for (const sql of failing) {
        await refusal(() => warehouse.rows(sql));
        await refusal(() => collected(warehouse, sql));
      }
      await refusal(() => warehouse.describe("SELECT FROM WHERE"));
      await refusal(() =>
        warehouse.execute(
          `INSERT INTO ${table("nowhere")} (${warehouse.dialect.quote("a")}) VALUES ('marie@example.com')`,
        ),
      );
      expect(await valuesOf(subject, ["1"])).toEqual([1]);
    },
  },
];
