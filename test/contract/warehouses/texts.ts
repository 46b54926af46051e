/** Every function of a dialect, run, with the value that must come of it on any warehouse. */
import { expect } from "vitest";
import { wordsOf as ledgerWords } from "../../../src/ledger/words.ts";
import type { Dialect } from "../../../src/warehouse/warehouse.ts";
import { groups, samples, type Sample } from "./samples.ts";
import { makeTable, type Operation, rowsIn, sqlOf, type Subject, taken, valuesOf } from "./subject.ts";
import { columnTypes } from "./words.ts";

/** Of each sample that says what is expected: name and value, wanted and found. */
async function compared(
  subject: Subject,
  chosen: readonly Sample[],
  expected: (sample: Sample) => unknown,
  sqlFor: (dialect: Dialect, sql: string, sample: Sample) => string,
  plain: (value: unknown) => unknown = (value) => value,
): Promise<void> {
  const { dialect, type } = subject.warehouse;
  const tried = taken(subject, chosen);
  const found = await valuesOf(
    subject,
    tried.map((sample) => sqlFor(dialect, sqlOf(sample, type), sample)),
  );
  expect(tried.map(({ name }, index) => [name, plain(found[index])])).toEqual(
    tried.map((sample) => [sample.name, expected(sample)]),
  );
}

const hostileTexts = [
  "O'Hara",
  "'; DROP TABLE untouched; --",
  "\\'; DROP TABLE untouched; --",
  "\\",
  "\\\\'",
  "''",
  '"""',
  "'''",
  "a\nb\r\nc\td",
  "`$$`",
  "é\u0301😀\u2028",
  "\u0001\u001f\u007f",
  "%s ? @p :1 {{x}} ${y}",
  "",
];
const hostileNames = ['a"; DROP TABLE untouched; --', "$$", "“”", "a\nb", "select", "é\u0301", "'; --", "%s", "?", "B"];
/** What ends a quoted name, or keeps it from ending. */
const quotingNames = ["a.b", '"', '""', "`", "``", "\\", "\\`; DROP TABLE untouched; --", '\\"', "a\\nb"];

const distinct: readonly (readonly (string | null)[])[] = [
  [],
  [null],
  [""],
  ["null"],
  ["NULL"],
  [null, null],
  ["", ""],
  ["a", null],
  [null, "a"],
  ["a,b"],
  ["a", "b"],
  ["b", "a"],
  ['a"', "b"],
  ["a", '"b'],
  ["a\\", "b"],
  ["a\\u0000"],
  ["A"],
  ["a "],
];

export const texts: readonly Operation[] = [
  ...groups
    .filter(({ samples: group }) => group.some((sample) => "canonical" in sample))
    .map(({ name, samples: group }) => ({
      operation: `canonical: ${name}`,
      run: (subject: Subject) =>
        compared(
          subject,
          group.filter((sample) => "canonical" in sample),
          ({ canonical }) => canonical,
          (dialect, sql, { family }) => dialect.canonical(sql, family),
        ),
    })),
  {
    operation: "canonical: structs and lists of structs are told apart",
    async run(subject) {
      const { dialect, type } = subject.warehouse;
      const struct = taken(subject, samples).filter(({ family }) => family === "struct" || family === "list");
      const found = await valuesOf(
        subject,
        struct.map((sample) => dialect.canonical(sqlOf(sample, type), sample.family)),
      );
      expect(found.map((json) => JSON.parse(String(json)))).toEqual(struct.map(({ wire }) => wire));
    },
  },
  ...groups
    .filter(({ samples: group }) => group.some((sample) => "key" in sample))
    .map(({ name, samples: group }) => ({
      operation: `keyText: ${name}`,
      run: (subject: Subject) =>
        compared(
          subject,
          group.filter((sample) => "key" in sample),
          ({ key }) => key,
          (dialect, sql, { family }) => dialect.keyText(sql, family),
        ),
    })),
  ...groups
    .filter(({ samples: group }) => group.some((sample) => "wire" in sample))
    .map(({ name, samples: group }) => ({
      operation: `wireJson: ${name}`,
      run: (subject: Subject) =>
        compared(
          subject,
          group.filter((sample) => "wire" in sample),
          ({ wire }) => wire,
          (dialect, sql, { family }) => dialect.wireJson(sql, family),
          (json) => JSON.parse(String(json)),
        ),
    })),
  {
    operation: "jsonObject: any names and texts, NULL members kept",
    async run(subject) {
      const { dialect } = subject.warehouse;
      const members = hostileTexts.map(
        (text) => [`name ${text}`, dialect.wireJson(dialect.literal(text), "text")] as const,
      );
      const [object, empty] = await valuesOf(subject, [
        dialect.jsonObject([...members, ["nothing", "NULL"]]),
        dialect.jsonObject([]),
      ]);
      expect(JSON.parse(String(object))).toEqual({
        ...Object.fromEntries(hostileTexts.map((text) => [`name ${text}`, text])),
        nothing: null,
      });
      expect(empty).toBe("{}");
    },
  },
  {
    operation: "utf8: the bytes of a text",
    async run(subject) {
      const { dialect } = subject.warehouse;
      const all = ["", "abc", "é😀", "a\nb"];
      const found = await valuesOf(
        subject,
        all.map((text) => dialect.utf8(dialect.literal(text))),
      );
      expect(found).toEqual(all.map((text) => Buffer.from(text).toString("base64")));
    },
  },
  {
    operation: "timestamp: milliseconds since the epoch, UTC",
    async run(subject) {
      const { dialect } = subject.warehouse;
      const moments = [0, 1, -1, Date.UTC(2026, 0, 5, 10, 0, 0, 123), Date.UTC(9999, 11, 31, 23, 59, 59, 999)];
      const found = await valuesOf(subject, moments.map(dialect.timestamp));
      expect(found).toEqual(moments.map((ms) => new Date(ms).toISOString().replace("Z", "000Z")));
    },
  },
  {
    operation: "literal: every value, and nothing but the value",
    async run(subject) {
      const { warehouse } = subject;
      const { dialect } = warehouse;
      const untouched = await makeTable(subject, "untouched", { n: "integer" });
      const scalars = [0, 1, -1, 42.5, -2.5, true, false, null, 9007199254740993n, -9007199254740993n, ...hostileTexts];
      const found = await valuesOf(subject, scalars.map(dialect.literal));
      expect(
        found.map((value) => (typeof value === "string" && /^-?\d+\.\d+$/.test(value) ? Number(value) : value)),
      ).toEqual(scalars);
      expect(await valuesOf(subject, [`1 -${dialect.literal(-1)}`])).toEqual([2]);
      expect(await rowsIn(subject, untouched)).toEqual([]);
    },
  },
  ...(
    [
      ["names of any characters", hostileNames],
      ["names with dots, quotes and backslashes", quotingNames],
    ] as const
  ).map(([name, names]) => ({
    operation: `quote: ${name} are read exactly`,
    async run({ warehouse }: Subject) {
      const { dialect } = warehouse;
      const v = dialect.quote("v");
      for (const hostile of names) {
        const quoted = dialect.quote(hostile);
        const sql = `SELECT q.${quoted} AS ${v} FROM (SELECT ${dialect.literal(hostile)} AS ${quoted}) AS q`;
        expect(await warehouse.rows(sql)).toEqual([{ v: hostile }]);
      }
      expect(() => dialect.quote("a\0b")).toThrow("a name must not hold a NUL character");
    },
  })),
  ...(
    [
      ["reserved words", "select"],
      ["letters beyond ASCII", "Größe"],
    ] as const
  ).map(([words, name]) => ({
    operation: `relation: tables named by ${words}`,
    async run(subject: Subject) {
      const relation = await makeTable(subject, name, { order: "integer", straße: "text" });
      const { quote, literal } = subject.warehouse.dialect;
      const columns = `${quote("order")}, ${quote("straße")}`;
      await subject.warehouse.execute(`INSERT INTO ${relation} (${columns}) VALUES (7, ${literal(name)})`);
      expect(await subject.warehouse.rows(`SELECT * FROM ${relation}`)).toEqual([{ order: 7, straße: name }]);
      await subject.warehouse.execute(`DROP TABLE ${relation}`);
    },
  })),
  {
    operation: "stablePrint: different for different texts, NULLs and orders; equal for equal ones",
    async run(subject) {
      const { dialect, type } = subject.warehouse;
      const nullText = `CAST(NULL AS ${columnTypes.text[type]})`;
      const print = (list: readonly (string | null)[]): string =>
        dialect.stablePrint(list.map((text) => (text === null ? nullText : dialect.literal(text))));
      const first = await valuesOf(subject, distinct.map(print));
      const again = await valuesOf(subject, distinct.map(print));
      expect(new Set(first).size).toBe(distinct.length);
      expect(again).toEqual(first);
      expect(first.every((value) => typeof value === "bigint" || typeof value === "number")).toBe(true);
    },
  },
  {
    operation: "stablePrint: the print that ledgers of every warehouse hold, so that they can move",
    async run(subject) {
      const { dialect, type } = subject.warehouse;
      const { text, exportedPrint } = ledgerWords(dialect);
      const nullText = `CAST(NULL AS ${columnTypes.text[type]})`;
      // DuckDB's prints, which never change.
      const known: readonly (readonly [list: readonly string[], print: string])[] = [
        [[nullText], "14293095299030666522"],
        [["'null'"], "7309343358485629781"],
        [[dialect.literal('a"b\\c/d\n\t\r'), nullText, dialect.literal("é\u{1F600}")], "13439701057994775422"],
        [["'1.5'", "'2024-01-01T00:00:00.000000Z'", "''"], "9203511802295533154"],
      ];
      const found = await valuesOf(
        subject,
        known.map(([list]) => text(dialect.stablePrint(list))),
      );
      expect(found.map((digits) => exportedPrint(String(digits)))).toEqual(known.map(([, print]) => print));
    },
  },
  {
    operation: "stablePrint: one print for integers, decimals and floats of one value",
    async run(subject) {
      const { dialect, type } = subject.warehouse;
      const [integer, decimal, float] = [
        columnTypes.integer[type],
        columnTypes.decimal[type],
        columnTypes.float[type],
      ] as const;
      for (const value of ["0", "1", "-250", "123456789"]) {
        const found = await valuesOf(subject, [
          dialect.stablePrint([dialect.canonical(`CAST(${value} AS ${integer})`, "integer")]),
          dialect.stablePrint([dialect.canonical(`CAST(${value} AS ${decimal})`, "decimal")]),
          dialect.stablePrint([dialect.canonical(`CAST(${value} AS ${float})`, "float")]),
        ]);
        expect(new Set(found).size).toBe(1);
      }
    },
  },
  {
    operation: "fastPrint: different for different values, NULLs and orders, or none",
    async run(subject) {
      const { dialect, type } = subject.warehouse;
      if (dialect.fastPrint(["1"]) === null) return;
      const none = `CAST(NULL AS ${columnTypes.integer[type]})`;
      const lists = [["1"], [none], ["1", none], [none, "1"], ["1", "1"]];
      const found = await valuesOf(
        subject,
        lists.map((list) => String(dialect.fastPrint(list))),
      );
      expect(new Set(found).size).toBe(lists.length);
      expect(await valuesOf(subject, [String(dialect.fastPrint(["1", none]))])).toEqual([found[2]]);
    },
  },
];
