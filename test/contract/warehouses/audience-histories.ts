/** Histories of members, and what a plan changes. */
import { expect } from "vitest";
import {
  advanceMembers,
  createMembers,
  currentMembersQuery,
  membersDelta,
  splitDelta,
  staysQuery,
} from "../../../src/audience/members.ts";
import { keysQuery as keys } from "./audience-ground.ts";
import type { Operation } from "./subject.ts";

export const histories: readonly Operation[] = [
  {
    operation: "members: a history that is there is left as it is",
    async run(subject) {
      const { warehouse } = subject;
      const table = subject.table("members__kept");
      await warehouse.execute(createMembers(warehouse.dialect, table));
      const run = { id: "r1", at: 0 };
      await warehouse.script(advanceMembers(warehouse.dialect, table, keys(subject, "a"), run));
      await warehouse.execute(createMembers(warehouse.dialect, table));
      expect(await warehouse.rows(currentMembersQuery(table))).toEqual([{ k: "a" }]);
    },
  },
  {
    operation: "members: stays open and close once per run, and again after a return",
    async run(subject) {
      const { warehouse } = subject;
      const { dialect } = warehouse;
      const table = subject.table("members__vip");
      await warehouse.execute(createMembers(dialect, table));
      const advance = (id: string, at: string, members: string) =>
        warehouse.script(advanceMembers(dialect, table, members, { id, at: Date.parse(at) }));
      await advance("r1", "2026-01-01", keys(subject, "a", "b", "b", "z", null));
      await advance("r1", "2026-01-01", keys(subject, "a", "b", "b", "z"));
      await advance("r2", "2026-01-02", keys(subject, "b", "é"));
      await advance("r2", "2026-01-02", keys(subject, "b", "é"));
      await advance("r3", "2026-01-03", keys(subject, "a", "b", "é"));
      const stays = await warehouse.rows(`SELECT k, entered_run, left_run FROM ${table} ORDER BY k, entered_at`);
      const current = await warehouse.rows(`${currentMembersQuery(table)} ORDER BY k`);
      expect([stays, current.map(({ k }) => k), await warehouse.rows(staysQuery(dialect, table, "a"))]).toEqual([
        [
          { k: "a", entered_run: "r1", left_run: "r2" },
          { k: "a", entered_run: "r3", left_run: null },
          { k: "b", entered_run: "r1", left_run: null },
          { k: "z", entered_run: "r1", left_run: "r2" },
          { k: "é", entered_run: "r2", left_run: null },
        ],
        ["a", "b", "é"],
        [
          {
            entered_at: "2026-01-01T00:00:00.000000Z",
            entered_run: "r1",
            left_at: "2026-01-02T00:00:00.000000Z",
            left_run: "r2",
          },
          { entered_at: "2026-01-03T00:00:00.000000Z", entered_run: "r3", left_at: null, left_run: null },
        ],
      ]);
    },
  },
  {
    operation: "members: what a plan changes, and what of it an edit does",
    async run(subject) {
      const { warehouse } = subject;
      const of = (...texts: readonly string[]): string => keys(subject, ...texts);
      const [previous, members] = [of("a", "b", "b"), of("b", "c", "d")];
      const parts = {
        previous: of("a", "b", "c", "d"),
        previousDefinition: of("a", "b", "e"),
        current: of("a", "c", "e", "f"),
      };
      const one = async (sql: string): Promise<unknown> => (await warehouse.rows(sql))[0];
      expect([
        await one(membersDelta(warehouse.dialect, previous, members)),
        await one(membersDelta(warehouse.dialect, null, members)),
        await one(splitDelta(warehouse.dialect, parts)),
        await one(splitDelta(warehouse.dialect, { ...parts, previous: null })),
      ]).toEqual([
        { before_count: 2, now_count: 3, enter_count: 2, leave_count: 1 },
        { before_count: 0, now_count: 3, enter_count: 3, leave_count: 0 },
        { enter_edit: 1, enter_data: 1, leave_edit: 1, leave_data: 1 },
        { enter_edit: 2, enter_data: 2, leave_edit: 0, leave_data: 0 },
      ]);
    },
  },
];
