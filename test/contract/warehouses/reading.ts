/** Reading and appending: values as they are, many rows in flat memory, all or nothing. */
import vm from "node:vm";
import v8 from "node:v8";
import { expect } from "vitest";
import { groups, samples } from "./samples.ts";
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
import { columnTypes, repeated, series } from "./words.ts";

const manyRows = 200_000;

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A table with a column of each family, and rows of it as `append` takes and `read` gives them. */
export const oneOfEach = {
  k: "text",
  n: "integer",
  money: "decimal",
  f: "float",
  yes: "boolean",
  day: "date",
  plain: "timestamp",
  zoned: "timestamptz",
  clock: "time",
  list: "list",
  struct: "struct",
  json: "json",
  bytes: "binary",
} as const;
// prettier-ignore
export const oneOfEachRows = [
  ["a\"'`\\ 😀\n\t", 9007199254740993n, "-12345.6789", 0.30000000000000004, true, "2024-02-29", "2023-12-31T22:00:00.500000Z", "1969-12-31T23:59:59.999999Z", "10:00:00.00025", ["x", 'é"', ""], { kind: "e", n: 7 }, '{"a":[1,"x"]}', "aGn/"],
  ["b", -1, "0.5", -1.5e-7, false, "0001-01-01", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "00:00:00", ["y"], { kind: null, n: null }, "1", ""],
  ["c", null, null, null, null, null, null, null, null, ["z"], { kind: "only", n: -9007199254740993n }, null, null],
] as const;

export const reading: readonly Operation[] = [
  ...groups.map(({ name, samples: group }) => ({
    operation: `rows and read: plain and exact values: ${name}`,
    async run(subject: Subject) {
      const valued = taken(subject, group).filter((sample) => "value" in sample);
      const expressions = valued.map((sample) => sqlOf(sample, subject.warehouse.type));
      const expected = valued.map(({ value }) => value);
      expect(await valuesOf(subject, expressions)).toEqual(expected);
      expect(await collected(subject.warehouse, selectOf(subject, expressions))).toEqual([expected]);
    },
  })),
  {
    operation: "read: binary columns as bytes where asked",
    async run(subject) {
      const { warehouse } = subject;
      const sample = samples.find(({ family }) => family === "binary");
      const sql = selectOf(subject, [sample === undefined ? "" : sqlOf(sample, warehouse.type)]);
      const found: unknown[] = [];
      for await (const batch of warehouse.read(sql, { bytes: true })) found.push(...(batch.columns[0] ?? []));
      expect(found.map((bytes) => [...(bytes as Uint8Array)])).toEqual([[0x68, 0x69, 0xff]]);
    },
  },
  {
    operation: "read: many rows, in order, in flat memory",
    async run({ warehouse }) {
      const { quote } = warehouse.dialect;
      const text = repeated[warehouse.type]("'0123456789'", 20);
      const sql = `SELECT ${quote("n")}, ${text} AS ${quote("s")} FROM ${series[warehouse.type](manyRows)} AS q ORDER BY ${quote("n")}`;
      let [seen, disorder, largest, grown, start] = [0, 0, 0, 0, 0];
      for await (const { rows, columns } of warehouse.read(sql)) {
        if (start === 0) start = heap();
        const [numbers = [], texts = []] = columns;
        for (let row = 0; row < rows; row += 1) {
          if (numbers[row] !== seen + row || (texts[row] as string).length !== 200) disorder += 1;
        }
        seen += rows;
        largest = Math.max(largest, rows);
        if (seen > manyRows / 2 && grown === 0) grown = heap() - start;
      }
      expect({ seen, disorder }).toEqual({ seen: manyRows, disorder: 0 });
      expect(largest).toBeLessThanOrEqual(50_000);
      expect(grown).toBeLessThan(16_000_000);
    },
  },
  {
    operation: "read: a consumer may stop early, and run statements between batches",
    async run(subject) {
      const { warehouse } = subject;
      const sql = `SELECT ${warehouse.dialect.quote("n")} FROM ${series[warehouse.type](120_000)} AS q`;
      let batches = 0;
      for await (const batch of warehouse.read(sql)) {
        expect(batch.rows).toBeGreaterThan(0);
        expect(await valuesOf(subject, ["1"])).toEqual([1]);
        batches += 1;
        if (batches === 2) break;
      }
      expect(batches).toBe(2);
    },
  },
  {
    operation: "read: a query that fails in the middle never ends as if it were whole",
    async run({ warehouse }) {
      const n = warehouse.dialect.quote("n");
      const [integer, text] = [columnTypes.integer[warehouse.type], columnTypes.text[warehouse.type]];
      const broken = `CASE WHEN ${n} = 90000 THEN 'x' ELSE CAST(${n} AS ${text}) END`;
      await refusal(() =>
        collected(
          warehouse,
          `SELECT CAST(${broken} AS ${integer}) AS ${n} FROM ${series[warehouse.type](100_000)} AS q`,
        ),
      );
    },
  },
  {
    operation: "append: values of every type come back the same",
    async run(subject) {
      const names = Object.keys(oneOfEach) as (keyof typeof oneOfEach)[];
      const chosen = names.filter((name) => name === "k" || (subject.takes?.(name) ?? true));
      const table = Object.fromEntries(chosen.map((name) => [name, oneOfEach[name]]));
      const rows = oneOfEachRows.map((row) => chosen.map((name) => row[names.indexOf(name)]));
      const relation = await makeTable(subject, `appended_${chosen.length}_${chosen.at(-1)}`, table);
      await subject.warehouse.append(relation, [rows.slice(0, 1), [], rows.slice(1)]);
      const money = chosen.indexOf("money");
      const found = (await rowsIn(subject, relation)).map((row) =>
        // A column keeps its scale, or does not.
        row.map((value, index) =>
          index === money ? ((value as string | null)?.replace(/(\.\d*?)0+$/, "$1") ?? null) : value,
        ),
      );
      expect(found).toEqual(rows);
    },
  },
  {
    operation: "append: nothing",
    async run(subject) {
      const relation = await makeTable(subject, "nothing", { n: "integer" });
      await subject.warehouse.append(relation, []);
      await subject.warehouse.append(relation, [[]]);
      expect(await rowsIn(subject, relation)).toEqual([]);
    },
  },
  {
    operation: "append: more rows than one statement takes",
    async run(subject) {
      const { warehouse } = subject;
      const relation = await makeTable(subject, "appended_many", { n: "integer", s: "text" });
      const count = 30_000;
      async function* blocks(): AsyncGenerator<readonly (readonly unknown[])[]> {
        for (let n = 0; n < count; n += 100) {
          yield Array.from({ length: 100 }, (_, index) => [n + index, `row ${n + index} ${"x".repeat(100)}`]);
        }
      }
      await warehouse.append(relation, blocks());
      const [n, s] = ["n", "s"].map(warehouse.dialect.quote);
      const [row] = await warehouse.rows(
        `SELECT COUNT(*) AS ${n}, COUNT(DISTINCT ${s}) AS ${s}, MAX(${n}) AS ${warehouse.dialect.quote("m")} FROM ${relation}`,
      );
      expect(row).toEqual({ n: count, s: count, m: count - 1 });
    },
  },
  {
    operation: "append: keeps nothing when a row does not fit",
    async run(subject) {
      const { warehouse } = subject;
      const relation = await makeTable(subject, "unfit", { n: "integer", money: "decimal" });
      await refusal(() =>
        warehouse.append(relation, [
          [[1, "1.5"]],
          Array.from({ length: 30_000 }, () => [2, "2.5"]),
          [[3, "marie@example.com"]],
        ]),
      );
      expect(await refusal(() => warehouse.append(relation, [[[1]]]))).toContain("2 columns");
      expect(await rowsIn(subject, relation)).toEqual([]);
    },
  },
];
