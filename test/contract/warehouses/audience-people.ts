/** Invented rows for audiences, as `read` gives them: few values of each kind, those that warehouses may see in ways of their own. */
import type { columnTypes } from "./words.ts";

export interface Table {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, keyof typeof columnTypes>>;
  readonly rows: readonly (readonly unknown[])[];
}

export const texts = [
  "",
  "FR",
  "fr",
  "FRANCE",
  " FR",
  "FR ",
  "é",
  "e\u0301",
  "É",
  "ß",
  "SS",
  "ss",
  "İ",
  "i",
  "I",
  "ı",
  "ﬀ",
  "日本",
  "𝒳",
  "\uFFFD",
  "🙂FR",
  "a'b",
  'a"b',
  "100%",
  "a_b",
  "axb",
  "\\",
  "\\'",
  "null",
  "-- x",
] as const;

export const days = [
  "2025-03-29",
  "2025-03-30",
  "2025-10-26",
  "2025-10-27",
  "2026-02-28",
  "2026-03-01",
  "2026-03-28",
  "2026-03-29",
  "2026-03-30",
] as const;

/** Around midnights in Paris, and the hours that its clocks skip and repeat. */
const instants = [
  "2025-10-25T21:59:59.999999Z",
  "2025-10-25T22:00:00.000000Z",
  "2025-10-26T00:30:00.000000Z",
  "2025-10-26T01:30:00.000000Z",
  "2025-10-26T23:00:00.000000Z",
  "2026-03-28T22:59:59.999000Z",
  "2026-03-28T23:00:00.000000Z",
  "2026-03-29T00:59:59.999999Z",
  "2026-03-29T01:00:00.000000Z",
  "2026-03-29T12:00:00.000000Z",
  "2026-03-29T22:00:00.000000Z",
] as const;

const clocks = ["00:00:00", "00:00:00.001", "09:30:00", "11:59:59.999999", "23:59:59.999"] as const;
const wholes = [-1, 0, 1, 2, 5, 10, 9007199254740992n, 9007199254740993n, -9007199254740993n] as const;
const amounts = ["-7", "0", "0.1", "0.3", "9.99", "10", "10.01", "12.345", "12345678901234.5678"] as const;
const doubles = [-7, 0, 0.1, 0.3, 0.30000000000000004, 10, 12.345, 1e20] as const;

/** The value of a row in a column: all of them in turn, NULL after the last. */
const turn = (values: readonly unknown[], row: number): unknown => values[row % (values.length + 1)] ?? null;

const customers: Table = {
  key: ["id"],
  columns: {
    id: "integer",
    name: "text",
    visits: "integer",
    spent: "decimal",
    ratio: "float",
    active: "boolean",
    born: "date",
    seen: "timestamp",
    paid: "timestamptz",
    wakes: "time",
    company: "integer",
  },
  rows: Array.from({ length: 62 }, (_, row) => [
    row + 1,
    turn(texts, row),
    turn(wholes, row),
    turn(amounts, row),
    turn(doubles, row),
    turn([true, false], row),
    turn(days, row),
    turn(instants, row),
    turn(instants, row * 5 + 3),
    turn(clocks, row),
    turn([1, 2, 3], row),
  ]),
};

const orders: Table = {
  key: ["order_id", "company"],
  columns: {
    order_id: "integer",
    company: "integer",
    customer: "integer",
    customer_text: "text",
    amount: "decimal",
    weight: "float",
    pieces: "integer",
    kind: "text",
    ordered_at: "timestamptz",
    shipped_on: "date",
  },
  rows: Array.from({ length: 120 }, (_, row) => {
    const customer = row % 11 === 0 ? null : ((row * 7) % (row % 2 === 0 ? 40 : 9)) + 1;
    return [
      row + 1,
      (row % 4) + 1,
      customer,
      row % 7 === 0 ? "x" : customer === null ? null : String(customer),
      turn(["-7", "0", "0.1", "9.99", "10.01", "100"], row),
      turn([0.5, 2.25], row),
      // Two of these are more than 64 bits.
      turn([1, 2, 5, 9223372036854775807n, 0], row),
      turn(texts, row),
      turn(instants, row * 3),
      turn(days, row),
    ];
  }),
};

const tagged: Table = {
  key: ["id"],
  columns: { id: "integer", tags: "list" },
  rows: texts.map((text, row) => [row + 1, row % 3 === 0 ? ["x", text] : [text]]),
};

/** Floats that are no numbers stand in a table of their own: some emulators cannot keep them. */
const measures: Table = {
  key: ["id"],
  columns: { id: "integer", customer: "integer", ratio: "float" },
  rows: Array.from({ length: 30 }, (_, row) => [
    row + 1,
    (row % 4) + 1,
    turn([NaN, 0, Infinity, -Infinity, 10, 1e20], row * 2 + (row % 3)),
  ]),
};

export const tables = { customers, orders, tagged, measures } as const;
