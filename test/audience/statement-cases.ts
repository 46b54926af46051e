/** Everything that is asked about audiences, as SQL over a small project, without any warehouse. */
import { compileRule } from "../../src/audience/compile.ts";
import { eventMeasure } from "../../src/audience/measure.ts";
import {
  advanceMembers,
  createMembers,
  currentMembersQuery,
  membersDelta,
  splitDelta,
  staysQuery,
} from "../../src/audience/members.ts";
import { overlapSql } from "../../src/audience/overlap.ts";
import { audienceKeys, audienceRows, checked, memberTexts } from "../../src/audience/rows.ts";
import { audienceTestSql } from "../../src/audience/tests.ts";
import type { AudienceContext } from "../../src/audience/context.ts";
import type { EventLeaf, Rule } from "../../src/project/schema/rule.ts";
import type { Column, ColumnFamily, Dialect } from "../../src/warehouse/warehouse.ts";
import { columns } from "./dialect-cases.ts";
import { contextOf, type WorldSpec } from "./world.ts";

const spec: WorldSpec = {
  timezone: "Europe/Paris",
  asOf: "2026-03-29T12:00:00.000Z",
  models: {
    people: { sql: "", key: ["id"], identifiers: { email: "email" } },
    orders: { sql: "", key: ["id", "line"] },
  },
  segments: { big: { model: "people", sqlText: "SELECT id FROM big;" } },
  audiences: {
    vip: {
      model: "people",
      where: { field: "score", gt: 1 },
      exclude: ["big"],
      limit: { max: 10, order_by: "score desc, email", sticky: true },
    },
    all_lines: { model: "orders", where: { all: [] } },
    few: { model: "people", where: { field: "id", lt: 5 } },
  },
};

const families: Readonly<Record<string, Readonly<Record<string, ColumnFamily>>>> = {
  people: { id: "integer", email: "text", score: "float" },
  orders: { id: "integer", line: "text", person: "text", pieces: "integer", at: "timestamptz" },
  big: { id: "text" },
};

const contextIn = (dialect: Dialect): AudienceContext => {
  const described = Object.entries(families).map(([name, of]): [string, readonly Column[]] => [
    name,
    Object.entries(of).map(([column, family]) => ({ name: column, family, type: columns[family][dialect.name] })),
  ]);
  const context = contextOf(spec, dialect, new Map(described), (name) => `SELECT * FROM ${name}`);
  return { ...context, currentMembers: () => "SELECT k FROM members__vip" };
};

const place = { resource: null, path: [] };
const scopeOf = (context: AudienceContext) => ({
  alias: "m",
  model: "people",
  columns: context.modelColumns("people"),
});
const rule = (given: Rule) => (dialect: Dialect) => {
  const context = contextIn(dialect);
  return checked(context, (compilation) => compileRule(given, scopeOf(context), place, compilation));
};

const byText = { id: "person" } as const;
const event: EventLeaf = { event: "orders", on: byText, sum: { field: "pieces", gte: 3 } };
const run = { id: "r_1", at: Date.parse("2026-03-29T12:00:00Z") };
const [before, now] = ["SELECT k FROM before", "SELECT k FROM now"] as const;

/** What is asked -> its SQL in a dialect. */
export const statements: Readonly<Record<string, (dialect: Dialect) => string>> = {
  "an event within a window": rule({ ...event, within: { field: "at", last: "1mo" } }),
  "no event": rule({ event: "orders", on: { id: "id" }, count: { is: 0 } }),
  "related rows by a key of two": rule({ related: "orders", on: { id: "id", email: "line" }, match: "all" }),
  "what an event comes to": (dialect) => {
    const context = contextIn(dialect);
    return checked(context, (compilation) => eventMeasure(event, scopeOf(context), place, compilation)?.sql ?? "");
  },
  "members in an order, those who are in first": (dialect) => audienceRows(contextIn(dialect), "vip"),
  "keys of members": (dialect) => audienceKeys(contextIn(dialect), "few"),
  "keys of two columns as texts": (dialect) => memberTexts(contextIn(dialect), "all_lines"),
  "a history": (dialect) => createMembers(dialect, "members__vip"),
  "a history closes stays": (dialect) => advanceMembers(dialect, "members__vip", now, run)[0],
  "a history opens stays": (dialect) => advanceMembers(dialect, "members__vip", now, run)[1],
  "members by a history": () => currentMembersQuery("members__vip"),
  "stays of a person": (dialect) => staysQuery(dialect, "members__vip", "O'Hara\\"),
  "what changes": (dialect) => membersDelta(dialect, before, now),
  "what changes the first time": (dialect) => membersDelta(dialect, null, now),
  "what an edit changes": (dialect) =>
    splitDelta(dialect, { previous: before, previousDefinition: "SELECT k FROM old", current: now }),
  "test size": (dialect) => audienceTestSql(contextIn(dialect), "few", { type: "size" }),
  "test share_with_identifier": (dialect) =>
    audienceTestSql(contextIn(dialect), "few", { type: "share_with_identifier", identifier: "email", min: 0.5 }),
  "test overlap": (dialect) => audienceTestSql(contextIn(dialect), "few", { type: "overlap", with: "few" }),
  "test disjoint_from": (dialect) =>
    audienceTestSql(contextIn(dialect), "few", { type: "disjoint_from", other: "few" }),
  "test subset_of": (dialect) => audienceTestSql(contextIn(dialect), "few", { type: "subset_of", other: "few" }),
  "test contains": (dialect) =>
    audienceTestSql(contextIn(dialect), "few", { type: "contains", keys: [{ id: 1 }, { id: "O'Hara" }] }),
  "test contains nobody": (dialect) => audienceTestSql(contextIn(dialect), "few", { type: "contains", keys: [] }),
  overlap: (dialect) => overlapSql(contextIn(dialect), ["few", "few"]),
};
