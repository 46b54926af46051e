/** Who is in an audience, in which order, and what its tests say. */
import { expect } from "vitest";
import { overlap } from "../../../src/audience/overlap.ts";
import { audienceKeys, audienceRows, memberTexts } from "../../../src/audience/rows.ts";
import { runAudienceTests } from "../../../src/audience/tests.ts";
import type { AudienceTestSpec } from "../../../src/project/project.ts";
import { groundOf, keysQuery as keys, paris, writtenGround } from "./audience-ground.ts";
import type { Operation, Subject } from "./subject.ts";

const column = async ({ warehouse }: Subject, sql: string, name: string): Promise<readonly unknown[]> => {
  const rows = await warehouse.rows(sql);
  return rows.map((row) => row[name]).toSorted((one, other) => Number(one) - Number(other));
};

export const audienceStatements: readonly Operation[] = [
  {
    operation: "audiences: exclusions, limits in order, and those who stay",
    async run(subject) {
      const { context } = await groundOf(subject, paris, ["customers", "orders"], {
        top: { model: "customers", where: { in_segment: "early" }, limit: { max: 5, order_by: "ratio desc, name" } },
        last: { model: "customers", where: { all: [] }, limit: { max: 60, order_by: "name" } },
        tie: { model: "customers", where: { field: "active", is: true }, limit: { max: 3 } },
        stay: { model: "customers", where: { all: [] }, limit: { max: 4, order_by: "id", sticky: true } },
        lines: { model: "orders", where: { field: "kind", is: "a'b" } },
      });
      const staying = { ...context, currentMembers: () => keys(subject, "7", "61", "7", null, "x") };
      expect([
        await column(subject, audienceKeys(context, "kept"), "id"),
        await column(subject, audienceRows(context, "top"), "id"),
        // NULLs are last, and two of three fall out.
        await column(subject, audienceKeys(context, "last"), "id"),
        await column(subject, audienceKeys(context, "tie"), "id"),
        await column(subject, audienceKeys(staying, "stay"), "id"),
        (await subject.warehouse.rows(`${memberTexts(context, "lines")} ORDER BY k`)).map(({ k }) => k),
      ]).toEqual([
        [1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 19, 20, 21, 23, 24, 25, 27, 28, 29],
        [7, 8, 17, 25, 26],
        Array.from({ length: 62 }, (_, index) => index + 1).filter((id) => id !== 31 && id !== 62),
        [1, 4, 7],
        [1, 2, 7, 61],
        ['["115","3"]', '["22","2"]', '["53","1"]', '["84","4"]'],
      ]);
    },
  },
  {
    operation: "audiences: NaN is above all numbers in an order",
    async run(subject) {
      const measured = (order: string) => ({
        model: "measures",
        where: { field: "ratio", is_not_null: true } as const,
        limit: { max: 6, order_by: `ratio ${order}` },
      });
      const { context } = await groundOf(subject, paris, ["customers", "measures"], {
        most: measured("desc"),
        least: measured("asc"),
      });
      const found = async (name: string) => await column(subject, audienceRows(context, name), "id");
      expect([await found("most"), await found("least")]).toEqual([
        [1, 5, 11, 15, 21, 22],
        [2, 8, 12, 13, 18, 23],
      ]);
    },
  },
  {
    operation: "audiences: written as a query, joined by the text of the key",
    async run(subject) {
      const context = await writtenGround(subject);
      const rows = await subject.warehouse.rows(`${audienceRows(context, "written")} ORDER BY 1`);
      expect(rows.map((row) => [row["id"], row["visits"], row["greeting"]])).toEqual([
        [1, -1, "hi"],
        [3, 1, "hi"],
        [9, -9007199254740993n, "hi"],
      ]);
    },
  },
  {
    operation: "audience tests: sizes, shares, sets, and a few of those who break them",
    async run(subject) {
      const tests: readonly AudienceTestSpec[] = [
        { type: "size", max: 5 },
        { type: "overlap", with: "early", min: 1 },
        { type: "disjoint_from", other: "some" },
        { type: "disjoint_from", other: "early" },
        { type: "subset_of", other: "some" },
        { type: "subset_of", other: "early" },
        { type: "contains", keys: [{ id: 1 }, { id: "4" }, { id: 2 }, { id: 2 }] },
        { type: "contains", keys: [] },
      ];
      const { context } = await groundOf(subject, paris, ["customers", "orders"], {
        tested: { model: "customers", where: { in_segment: "early" }, exclude: ["some"], tests },
      });
      const tools = { warehouse: subject.warehouse, now: () => 0, person: (k: string) => k };
      const results = await runAudienceTests(context, "tested", tools);
      const first = "person 1 | person 11 | person 12 | person 13 | person 15";
      expect(results.map(({ status, message, detail }) => [`${status}: ${message}`, ...detail].join(" | "))).toEqual([
        "failed: 22 people, expected at most 5",
        "passed: 100 % are also in early (22 of 22), expected at least 100 %",
        "passed: nobody is also in some",
        `failed: 22 people are also in early | ${first}`,
        `failed: 22 people are not in some | ${first}`,
        "passed: everybody is also in early",
        "failed: 1 of 4 named people are not in | person 2",
        "passed: all 0 named people are in",
      ]);
    },
  },
  {
    operation: "overlap: of several audiences in one statement",
    async run(subject) {
      const { context } = await groundOf(subject);
      expect((await overlap(context, subject.warehouse, ["kept", "early", "some"])).shared).toEqual([
        [22, 22, 0],
        [22, 30, 8],
        [0, 8, 16],
      ]);
    },
  },
];
