import path from "node:path";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";

let warehouse: DuckDBWarehouse;
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 2 });
});
afterAll(() => warehouse.close());

async function collect(sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of warehouse.read(sql)) {
    for (let row = 0; row < batch.rows; row += 1) rows.push(batch.columns.map((column) => column[row]));
  }
  return rows;
}

const typed = `SELECT 9007199254740993 AS big, 7::BIGINT AS small, 170141183460469231731687303715884105727::HUGEINT AS huge, 12.30::DECIMAL(38,10) AS money,
  TIMESTAMP '1969-12-31 23:59:59.999999' AS at, TIMESTAMPTZ '2026-01-05 10:00:00.000001+01' AS zoned, DATE '0001-01-01' AS day, TIME '10:00:00' AS clock,
  0.1::FLOAT AS f, 'infinity'::DOUBLE AS inf, [1::BIGINT, NULL] AS list, {'kind': 'e', 'n': 9007199254740993} AS struct, MAP {'a': 1.5::DECIMAL(3,1)} AS map,
  'hi'::BLOB AS bytes, UUID '00000000-0000-0000-0000-000000000001' AS id, 'x'::ENUM('x', 'y') AS enum, '{"a":1}'::JSON AS json, NULL AS nothing, TRUE AS yes,
  TIMESTAMP 'infinity' AS forever, TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS ns, INTERVAL 1 DAY AS span`;

test("values arrive plain and exact", async () => {
  const [row] = await warehouse.rows(typed);
  expect(row).toEqual({
    big: 9007199254740993n,
    small: 7,
    huge: 170141183460469231731687303715884105727n,
    money: "12.3000000000",
    at: "1969-12-31T23:59:59.999999Z",
    zoned: "2026-01-05T09:00:00.000001Z",
    day: "0001-01-01",
    clock: "10:00:00",
    f: 0.1,
    inf: Infinity,
    list: [1, null],
    struct: { kind: "e", n: 9007199254740993n },
    map: { a: "1.5" },
    bytes: "aGk=",
    id: "00000000-0000-0000-0000-000000000001",
    enum: "x",
    json: '{"a":1}',
    nothing: null,
    yes: true,
    forever: "infinity",
    ns: "2026-01-01T00:00:00.123456Z",
    span: "1 day",
  });
  expect(await collect(typed)).toEqual([Object.values(row ?? {})]);
});

test("columns are described without running the query", async () => {
  expect(
    await warehouse.describe("SELECT 1 AS a, error('never run') AS b, [1] AS c, 1.5 AS d, NULL::JSON AS e"),
  ).toEqual([
    { name: "a", type: "INTEGER", family: "integer" },
    { name: "b", type: "INTEGER", family: "integer" },
    { name: "c", type: "INTEGER[]", family: "list" },
    { name: "d", type: "DECIMAL(2,1)", family: "decimal" },
    { name: "e", type: "JSON", family: "json" },
  ]);
});

test("what is appended is read back the same", async () => {
  await warehouse.execute(`CREATE TABLE kept (k VARCHAR, h UBIGINT, n BIGINT, money DECIMAL(18,4), moment TIMESTAMP, zoned TIMESTAMPTZ, day DATE, f DOUBLE, yes BOOLEAN,
    ids STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[], fields JSON)`);
  const nullable = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values);
  const text = fc.string({ unit: "binary" }).filter((value) => !/\p{Cs}/u.test(value));
  const micros = fc
    .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString().replace("Z", "007Z"));
  const row = fc.tuple(
    nullable(text),
    nullable(fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })),
    nullable(fc.integer()),
    nullable(fc.integer().map((cents) => (cents / 100).toFixed(4))),
    nullable(micros),
    nullable(micros),
    nullable(micros.map((iso) => iso.slice(0, 10))),
    nullable(fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value))),
    nullable(fc.boolean()),
    nullable(
      fc.array(fc.record({ kind: fc.constant("email"), value: nullable(text), version: fc.nat() }), { maxLength: 3 }),
    ),
    nullable(fc.constant('{"a":[1,"x"]}')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
      await warehouse.execute("DELETE FROM kept");
      await warehouse.append('"memory"."main"."kept"', [rows.slice(0, 7), rows.slice(7)]);
      const sort = (given: readonly unknown[]): string[] =>
        given
          .map((each) => JSON.stringify(each, (_key, value) => (typeof value === "bigint" ? `${value}n` : value)))
          .toSorted();
      expect(sort(await collect("SELECT * FROM kept"))).toEqual(sort(rows));
    }),
    { numRuns: 40 },
  );
});

test("more than one chunk is appended and streamed; a consumer may stop early", async () => {
  await warehouse.execute("CREATE TABLE many (n BIGINT)");
  await warehouse.append("many", [Array.from({ length: 5000 }, (_, n) => [n])]);
  expect((await collect("SELECT sum(n), count(*) FROM many"))[0]).toEqual([12_497_500, 5000]);
  let seen = 0;
  for await (const batch of warehouse.read("SELECT * FROM range(1000000)")) {
    seen += batch.rows;
    await warehouse.rows("SELECT 1");
    break;
  }
  expect(seen).toBe(2048);
});

test("statements between chunks do not end a stream (decision 12)", async () => {
  let seen = 0;
  for await (const batch of warehouse.read("SELECT * FROM range(10000)")) {
    seen += batch.rows;
    await warehouse.execute("CREATE OR REPLACE TABLE between_chunks AS SELECT 1 AS a");
  }
  expect(seen).toBe(10_000);
});

test("a stream that fails in the middle throws and never ends as if it were whole (F60)", async () => {
  await expect(
    collect("SELECT CASE WHEN range = 90000 THEN error('broken') ELSE range END FROM range(100000)"),
  ).rejects.toThrow("E701");
});

test("append keeps nothing when a row does not fit", async () => {
  await warehouse.execute("CREATE TABLE whole (n INTEGER, money DECIMAL(5,2))");
  await expect(warehouse.append("whole", [[[1, "1.5"]], [[2, "1.555"]]])).rejects.toThrow(
    "E701: a value does not fit a DECIMAL column with 2 places",
  );
  await expect(warehouse.append("whole", [[[1]]])).rejects.toThrow("whole has 2 columns, a row has 1");
  expect(await warehouse.rows("SELECT * FROM whole")).toEqual([]);
});

test("a script is done whole or not at all", async () => {
  await warehouse.execute("CREATE TABLE counted (n INTEGER)");
  await expect(
    warehouse.script(["INSERT INTO counted VALUES (1)", "INSERT INTO counted VALUES ('x')"]),
  ).rejects.toThrow("E701");
  await warehouse.script(["INSERT INTO counted VALUES (2)", "INSERT INTO counted VALUES (3)"]);
  expect(await warehouse.rows("SELECT * FROM counted ORDER BY n")).toEqual([{ n: 2 }, { n: 3 }]);
  expect(await warehouse.execute("UPDATE counted SET n = n + 1")).toBe(2);
});

test("parameters are bound, not pasted", async () => {
  const [row] = await warehouse.rows("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f", [
    1,
    2 ** 40,
    1.5,
    "'; --",
    null,
    { x: [1] },
  ]);
  expect(row).toEqual({ a: 1, b: 2 ** 40, c: 1.5, d: "'; --", e: null, f: '{"x":[1]}' });
});

test.each([
  ["SELECT 1; SELECT 2", "E701: Invalid Input Error: Cannot prepare multiple statements at once!"],
  ["SELECT 'marie@example.com'::INTEGER", "E701: Conversion Error: Could not convert string '…' to INT32"],
  ["SELECT * FROM nowhere", "E701: Catalog Error: Table with name nowhere does not exist!"],
  [
    "SELECT CAST(123456789 AS TINYINT)",
    "E701: Conversion Error: Type INT32 with value … can't be cast because the value is out of range for the destination type INT8",
  ],
])("an error is DuckDB's first line without values: %s", async (sql, message) => {
  await expect(warehouse.rows(sql)).rejects.toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));
});

test("files are attached, read-only where asked, and let go", async () => {
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), "millrace-duckdb-")), "it's.duckdb");
  await warehouse.attach(file, 'al"ias');
  await warehouse.execute('CREATE TABLE "al""ias".main.t AS SELECT 1 AS a');
  await warehouse.detach('al"ias');
  await warehouse.attach(file, "again", { readOnly: true });
  expect(await warehouse.rows("SELECT * FROM again.t")).toEqual([{ a: 1 }]);
  await expect(warehouse.execute("INSERT INTO again.t VALUES (2)")).rejects.toThrow("read-only");
  await warehouse.detach("again");
  await expect(warehouse.attach(import.meta.filename, "text")).rejects.toThrow("E700: cannot open");
});
