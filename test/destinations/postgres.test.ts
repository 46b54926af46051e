/** What facts cannot say; the server's own behaviour is in test/real/postgres.test.ts. */
import { describe, expect, it } from "vitest";
import postgres from "../../destinations/postgres.ts";
import type { Batch, SqlReply, SqlStatement } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { context, drive, object } from "../destination/drive.ts";

const config = { host: "db.example.com", database: "shop" };
const fine = (statements: readonly SqlStatement[]): SqlReply => ({
  results: statements.map(() => ({ rows: [], count: 0 })),
});

async function deliver(
  sent: Batch,
  remoteConfig: object,
  sql: (statements: readonly SqlStatement[]) => SqlReply = fine,
  mode = "mirror",
) {
  const asked: SqlStatement[] = [];
  const spec = object(postgres, "record", config);
  const ctx = context(postgres, config, { mode, remoteConfig: remoteConfig as never });
  const outcomes = await drive(spec.deliver(sent, ctx), {
    destination: postgres,
    sql(statements) {
      asked.push(...statements);
      return sql(statements);
    },
  });
  return { outcomes, asked };
}

it("sends a key once a statement, the last of it, and tells all its rows", async () => {
  const sent = batch("add", [
    change("a", { fields: { n: 1 } }),
    change("b", { fields: { n: 2 } }),
    change("a", { fields: { n: 3 } }),
  ]);
  const { outcomes, asked } = await deliver(sent, { table: "t" });
  expect(asked.map(({ values }) => values)).toEqual([['[{"n":3,"id":"a"},{"n":2,"id":"b"}]']]);
  expect(outcomes).toEqual([{ status: "accepted" }, { status: "accepted" }, { status: "accepted" }]);
});

it("leaves alone what a row does not mention: rows of other columns go in another statement", async () => {
  const sent = batch("add", [change("a", { fields: { x: 1 } }), change("b", { fields: { x: null, y: 2 } })]);
  const { asked } = await deliver(sent, { table: "t" });
  expect(asked.map(({ text, values }) => [/\((.*?)\)/.exec(text)?.[1], values])).toEqual([
    ['"id", "x"', ['[{"x":1,"id":"a"}]']],
    ['"id", "x", "y"', ['[{"x":null,"y":2,"id":"b"}]']],
  ]);
});

it("tells in mode update which rows are there, whatever columns they have", async () => {
  const sent = batch("update", [
    change("a", { fields: { x: 1 } }),
    change("b", { fields: { y: 2 } }),
    change("c", { fields: { x: 3 } }),
    change("d"),
  ]);
  // Of a and c (place 1) c is there, of b (place 0) b, and d, which has no columns to write.
  const there = [[1], [], [0], [], [0]];
  const reply = (statements: readonly SqlStatement[]): SqlReply => ({
    results: statements.map((_, index) => {
      const rows = (there[index] ?? []).map((row) => ({ row }));
      return { rows, count: rows.length };
    }),
  });
  const { outcomes, asked } = await deliver(sent, { table: "t" }, reply, "update");
  expect(asked.map(({ text }) => text.slice(0, 6))).toEqual(["SELECT", "UPDATE", "SELECT", "UPDATE", "SELECT"]);
  expect(outcomes).toEqual([
    { status: "skipped", reason: "not_found" },
    { status: "accepted" },
    { status: "accepted" },
    { status: "accepted" },
  ]);
});

it("takes any text for a name, and lets none out of its quotes", async () => {
  const evil = 'x"; DROP TABLE y; --';
  const { asked } = await deliver(batch("add", [change("a", { fields: { [evil]: 1 } })]), {
    schema: evil,
    table: evil,
    key: evil,
  });
  const quoted = '"x""; DROP TABLE y; --"';
  expect(asked[0]?.text.replaceAll(quoted, "NAME")).not.toMatch(/DROP/);
  expect(asked[0]?.text).toContain(`INSERT INTO ${quoted}.${quoted} AS t (${quoted})`);
});

it.each([
  ["a", ["x", "y"]],
  [["fr", 1], "id"],
] as const)("stops where the model's key %j does not fit the columns %j", async (key, columns) => {
  const sent = batch("add", [change("", { key })]);
  await expect(deliver(sent, { table: "t", key: columns })).rejects.toThrow("the model's key has");
});

describe("a refusal", () => {
  it.each([
    ["22P02", 'invalid input syntax for type integer: "ann@example.com"', "invalid input syntax for type integer"],
    ["22003", 'value "99999999999" is out of range for type integer', "value is out of range for type integer"],
    ["21000", "ON CONFLICT DO UPDATE command cannot affect row a second time", undefined],
    ["P0001", "the trigger says no", undefined],
  ])("%s %s rejects the rows without their values", async (state, message, words = message) => {
    const refused = () => ({ refused: { state, message } });
    const { outcomes } = await deliver(batch("add", [change("a"), change("b")]), { table: "t" }, refused);
    expect(outcomes).toEqual([
      { status: "rejected", code: state, message: words },
      { status: "rejected", code: state, message: words },
    ]);
  });

  it.each([
    ["42P01", 'relation "t" does not exist', '"public"."t" is not there'],
    ["42P10", "no unique constraint matching", '"public"."t" has no unique index on id'],
    ["42703", 'column "x" of relation "t" does not exist', 'column "x" of relation "t" does not exist'],
    ["25006", "cannot execute INSERT in a read-only transaction", "cannot execute INSERT in a read-only transaction"],
  ])("%s %s stops the sync", async (state, message, words) => {
    const refused = () => ({ refused: { state, message } });
    await expect(deliver(batch("add", [change("a")]), { table: "t" }, refused)).rejects.toThrow(words);
  });
});
