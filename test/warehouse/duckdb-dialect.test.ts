import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { duckdbDialect as dialect } from "../../src/warehouse/duckdb-dialect.ts";
import type { ColumnFamily } from "../../src/warehouse/warehouse.ts";

let warehouse: DuckDBWarehouse;
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 1 });
});
afterAll(() => warehouse.close());

async function one(expression: string): Promise<unknown> {
  const [row] = await warehouse.rows(`SELECT ${expression} AS value`);
  return row?.["value"];
}

test.each<[string, ColumnFamily, string | null]>([
  ["1", "integer", "1"],
  ["1.00::DECIMAL(5,2)", "decimal", "1"],
  ["1.0::DOUBLE", "float", "1"],
  ["1::FLOAT", "float", "1"],
  ["100::DECIMAL(5,0)", "decimal", "100"],
  ["0.00::DECIMAL(5,2)", "decimal", "0"],
  ["-0.0::DOUBLE", "float", "0"],
  ["-1.50::DECIMAL(5,2)", "decimal", "-1.5"],
  ["-1.5::DOUBLE", "float", "-1.5"],
  ["0.1::FLOAT", "float", "0.1"],
  ["1.5e-7::DOUBLE", "float", "0.00000015"],
  ["0.00000015::DECIMAL(20,10)", "decimal", "0.00000015"],
  ["-1e-10::DOUBLE", "float", "-0.0000000001"],
  ["1e20::DOUBLE", "float", "100000000000000000000"],
  ["1e300::DOUBLE", "float", "1e+300"],
  ["'nan'::DOUBLE", "float", "float:nan"],
  ["'-inf'::DOUBLE", "float", "float:-inf"],
  ["NULL::DOUBLE", "float", null],
  ["NULL::TIMESTAMP", "timestamp", null],
  ["9007199254740993", "integer", "9007199254740993"],
  ["TIMESTAMPTZ '2024-01-01 00:00:00.5+02'", "timestamptz", "2023-12-31T22:00:00.500000Z"],
  ["TIMESTAMP '2023-12-31 22:00:00.5'", "timestamp", "2023-12-31T22:00:00.500000Z"],
  ["TIMESTAMP_NS '2023-12-31 22:00:00.5'", "timestamp", "2023-12-31T22:00:00.500000Z"],
  ["TIMESTAMP 'infinity'", "timestamp", "infinity"],
  ["DATE '2024-02-29'", "date", "2024-02-29"],
  ["TRUE", "boolean", "true"],
  [`'{"a":  1}'::JSON`, "json", '{"a":1}'],
  ["'\\xFF'::BLOB", "binary", "FF"],
])("canonical text of %s", async (value, family, expected) => {
  expect(await one(dialect.canonical(value, family))).toBe(expected);
});

test("integers, decimals and doubles of one value have one fingerprint, different values different ones", async () => {
  const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
  await fc.assert(
    fc.asyncProperty(cents, fc.constantFrom(1, 10, 100), async (number, unit) => {
      const value = `(${number} / ${unit}.0)`;
      const forms: [string, ColumnFamily][] = [
        [`CAST(CAST(${number} AS DECIMAL(18,0)) / ${unit} AS DECIMAL(18,2))`, "decimal"],
        [`CAST(CAST(${number} AS DOUBLE) / ${unit} AS DECIMAL(30,6))`, "decimal"],
        [`CAST(${number} AS DOUBLE) / ${unit}`, "float"],
        ...(number % unit === 0 ? [[`CAST(${number} // ${unit} AS BIGINT)`, "integer"] as [string, ColumnFamily]] : []),
      ];
      const prints = await Promise.all(
        forms.map(([sql, family]) => one(dialect.stablePrint([dialect.canonical(sql, family)]))),
      );
      const other = await one(dialect.stablePrint([dialect.canonical(`CAST(${value} + 1 AS DOUBLE)`, "float")]));
      expect(new Set(prints).size).toBe(1);
      expect(prints).not.toContain(other);
    }),
    { numRuns: 60 },
  );
});

test("doubles have one text that reads back as the same number", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (number) => {
      const text = await one(dialect.canonical(`CAST('${number}' AS DOUBLE)`, "float"));
      expect(Number(text)).toBe(number === 0 ? 0 : number);
    }),
    { numRuns: 150 },
  );
});

test("fingerprints do not depend on the session's time zone", async () => {
  const values: [string, ColumnFamily][] = [
    ["TIMESTAMPTZ '2024-03-31 01:30:00+00'", "timestamptz"],
    ["TIMESTAMP '2024-03-31 01:30:00'", "timestamp"],
    ["DATE '2024-03-31'", "date"],
  ];
  const print = `SELECT ${dialect.stablePrint(values.map(([sql, family]) => dialect.canonical(sql, family)))} AS p`;
  const found: unknown[] = [];
  for (const zone of ["UTC", "Europe/Paris", "Pacific/Apia"]) {
    await warehouse.execute(`SET TimeZone = '${zone}'`);
    found.push((await warehouse.rows(print))[0]?.["p"]);
  }
  await warehouse.execute("SET TimeZone = 'UTC'");
  expect(new Set(found).size).toBe(1);
});

test.each<[readonly string[], string]>([
  [[], "14882498884202108977"],
  [["NULL"], "14293095299030666522"],
  [["'null'"], "7309343358485629781"],
  [[`'a"b\\c/d'`, "NULL", "'é\u{1F600}'", "chr(0) || chr(31) || chr(127) || chr(10)"], "15169624860926414987"],
  [["'1.5'", "'2024-01-01T00:00:00.000000Z'", "''"], "9203511802295533154"],
])("the stable print of %s never changes: ledgers hold it", async (texts, expected) => {
  expect(String(await one(`CAST(${dialect.stablePrint(texts)} AS VARCHAR)`))).toBe(expected);
});

test("NULLs, empty texts, the word null, order and number of values are all told apart", async () => {
  const lists = [
    ["NULL"],
    ["''"],
    ["'null'"],
    ["'NULL'"],
    [],
    ["NULL", "NULL"],
    ["'a'", "NULL"],
    ["NULL", "'a'"],
    ["'a,b'"],
    ["'a'", "'b'"],
    ["'a\"'", "'b'"],
    ["'a'", "'\"b'"],
  ];
  const stable = await Promise.all(lists.map((texts) => one(dialect.stablePrint(texts))));
  const fast = await Promise.all(
    [["NULL", "1"], ["1", "NULL"], ["1"], ["NULL"], ["1", "1"]].map((texts) => one(dialect.fastPrint(texts) ?? "NULL")),
  );
  expect(new Set(stable).size).toBe(lists.length);
  expect(new Set(fast).size).toBe(5);
});

test.each<[string, ColumnFamily, string]>([
  ["1", "integer", "1"],
  ["1.0::DECIMAL(3,1)", "decimal", "1"],
  ["'1'", "text", "1"],
  ["'e\u0301'", "text", "é"],
  ["' A '", "text", " A "],
  ["'0071'", "text", "0071"],
])("key text of %s", async (value, family, expected) => {
  expect(await one(dialect.keyText(value, family))).toBe(expected);
});

test.each<[string, ColumnFamily, unknown]>([
  ["9007199254740991", "integer", 9007199254740991],
  ["9007199254740993", "integer", "9007199254740993"],
  ["-9007199254740993", "integer", "-9007199254740993"],
  ["1.50::DECIMAL(5,2)", "decimal", "1.50"],
  ["1.5::DOUBLE", "float", 1.5],
  ["'nan'::DOUBLE", "float", "nan"],
  ["TIMESTAMPTZ '2024-01-01 00:00:00.123456+02'", "timestamptz", "2023-12-31T22:00:00.123456Z"],
  ["DATE '2024-01-01'", "date", "2024-01-01"],
  ["FALSE", "boolean", false],
  ["NULL::INTEGER", "integer", null],
  ["NULL::VARCHAR", "text", null],
  ["[1, NULL]", "list", [1, null]],
  ["{'a': 'x', 'b': NULL}", "struct", { a: "x", b: null }],
  [`'{"a": [1]}'::JSON`, "json", { a: [1] }],
  ["'hi'::BLOB", "binary", "aGk="],
])("JSON of %s", async (value, family, expected) => {
  expect(JSON.parse(String(await one(dialect.wireJson(value, family))))).toEqual(expected);
});

test("any text travels through JSON, and any name through an object", async () => {
  const text = fc.string({ unit: "binary" }).filter((value) => !/\p{Cs}/u.test(value));
  await fc.assert(
    fc.asyncProperty(text, text, async (name, value) => {
      const json = dialect.jsonObject([
        [name, dialect.wireJson(dialect.literal(value), "text")],
        ["other\0", "NULL"],
      ]);
      const expected: Record<string, unknown> = Object.fromEntries([
        [name, value],
        ["other\0", null],
      ]);
      expect(JSON.parse(String(await one(json)))).toEqual(expected);
    }),
    { numRuns: 120 },
  );
});

const hostileNames = [
  'a"; DROP TABLE x; --',
  "`",
  "$$",
  "“”",
  "a\nb",
  "select",
  "é\u0301",
  "x".repeat(300),
  "'; --",
  "\\",
  "%s",
  "a.b",
  "",
];

test("identifiers of any characters are read exactly, and nothing else happens (F69)", async () => {
  await warehouse.execute("CREATE TABLE untouched AS SELECT 1 AS a");
  const name = fc.oneof(
    fc.constantFrom(...hostileNames.filter((each) => each !== "")),
    fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  );
  const safe = name.filter((each) => !each.includes("\0") && !/\p{Cs}/u.test(each));
  await fc.assert(
    fc.asyncProperty(safe, fc.string(), async (column, value) => {
      const rows = await warehouse.rows(
        `SELECT q.${dialect.quote(column)} AS v FROM (SELECT ${dialect.literal(value)} AS ${dialect.quote(column)}) q`,
      );
      expect(rows).toEqual([{ v: value }]);
    }),
    { numRuns: 1000 },
  );
  expect(await warehouse.rows("SELECT table_name FROM duckdb_tables()")).toEqual([{ table_name: "untouched" }]);
});

test("tables of hostile names are made, filled and read", async () => {
  for (const name of hostileNames.filter((each) => each !== "")) {
    const table = dialect.relation("memory", "main", name);
    await warehouse.execute(`CREATE TABLE ${table} (${dialect.quote(name)} INTEGER)`);
    await warehouse.append(table, [[[7]]]);
    expect(await warehouse.rows(`SELECT * FROM ${table}`)).toEqual([{ [name]: 7 }]);
    await warehouse.execute(`DROP TABLE ${table}`);
  }
});

test("a name with NUL is refused: DuckDB would end the statement there", () => {
  expect(() => dialect.quote("a\0b")).toThrow("E701: a name must not hold a NUL character");
});

test.each([
  [0],
  [1],
  [-1],
  [0.1],
  [-2.5e-9],
  [1e21],
  [Number.MAX_SAFE_INTEGER],
  [2n ** 63n],
  [true],
  [null],
  ["O'Hara"],
  ["a\0b"],
])("literal of %s", async (value) => {
  const found = await one(`5 + 0 = 5, ${dialect.literal(value)}`.split(", ").slice(1).join(", "));
  expect(typeof value === "number" ? Number(found) : found).toEqual(value);
});

test("a negative literal after a minus is no comment", async () => {
  expect(await one(`1 -${dialect.literal(-1)}`)).toBe(2);
});
