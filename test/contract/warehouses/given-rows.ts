/** Rows of unit tests as SQL: typed by what they look like, by columns that are known, and none at all. */
import { expect } from "vitest";
import { givenSelect, type Rows } from "../../../src/models/given-rows.ts";
import type { Column, ColumnFamily } from "../../../src/warehouse/warehouse.ts";
import type { Operation, Subject } from "./subject.ts";

const rows: Rows = [
  {
    id: 1,
    share: 0.5,
    name: "O'Hara \\ Söhne",
    vip: true,
    born: "1990-02-28",
    at: "2026-01-05T10:00:00Z",
    tags: ["a"],
  },
  { id: 2, share: null, name: null, vip: false, born: null, at: null, tags: null },
];

/** Names with families, in order. */
async function described({ warehouse }: Subject, sql: string): Promise<readonly (readonly [string, ColumnFamily])[]> {
  return (await warehouse.describe(sql)).map(({ name, family }) => [name, family]);
}

export const givenRows: readonly Operation[] = [
  {
    operation: "given rows: values are taken as they are written",
    async run({ warehouse }) {
      const { canonical, quote } = warehouse.dialect;
      const texts = [canonical(quote("id"), "integer"), canonical(quote("at"), "timestamptz"), quote("name")];
      const list = texts.map((text, index) => `${text} AS ${quote(`c${index}`)}`).join(", ");
      const found = await warehouse.rows(`SELECT ${list} FROM (${givenSelect(warehouse.dialect, rows, null)}) q`);
      expect(found.map((row) => [row["c0"], row["c1"], row["c2"]]).toSorted()).toEqual([
        ["1", "2026-01-05T10:00:00.000000Z", "O'Hara \\ Söhne"],
        ["2", null, null],
      ]);
    },
  },
  {
    operation: "given rows: types are told from values, unless the columns are known",
    async run(subject) {
      const { dialect } = subject.warehouse;
      expect(await described(subject, givenSelect(dialect, rows, null))).toEqual([
        ["id", "integer"],
        ["share", "float"],
        ["name", "text"],
        ["vip", "boolean"],
        ["born", "date"],
        ["at", "timestamptz"],
        ["tags", "json"],
      ]);
      const column = (name: string, family: ColumnFamily): Column => ({
        name,
        family,
        type: dialect.columnType(family),
      });
      const known = [column("id", "integer"), column("price", "decimal"), column("day", "date")];
      const sql = givenSelect(dialect, [{ id: "7", price: 20.02, extra: true }], known);
      expect(await described(subject, sql)).toEqual([
        ["id", "integer"],
        ["price", "decimal"],
        ["day", "date"],
        ["extra", "boolean"],
      ]);
    },
  },
  {
    operation: "given rows: none",
    async run(subject) {
      const { dialect } = subject.warehouse;
      const known: readonly Column[] = [{ name: "id", family: "integer", type: dialect.columnType("integer") }];
      for (const columns of [known, null]) {
        const [found] = await subject.warehouse.rows(
          `SELECT COUNT(*) AS ${dialect.quote("n")} FROM (${givenSelect(dialect, [], columns)}) q`,
        );
        expect(Number(found?.["n"])).toBe(0);
      }
    },
  },
];
