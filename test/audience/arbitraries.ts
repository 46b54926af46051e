/** Rows and rule trees for the property test: few values, so that comparisons meet their limits; many of them hostile. */
import fc from "fast-check";
import type { FieldLeaf, Moment, NumberTest, Rule } from "../../src/project/schema/rule.ts";

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const texts = [
  "",
  "FR",
  "fr",
  "é",
  "e\u0301",
  "ß",
  "ﬀ",
  "日本",
  "𝒳",
  "\uFFFD",
  "a'b",
  'a"b',
  "100%",
  "a_b",
  "\\",
  "null",
  "1",
  "1.0",
  "-- x",
  "🙂FR",
];
const days = [
  "2024-02-29",
  "2025-03-29",
  "2025-03-30",
  "2025-03-31",
  "2025-10-26",
  "2025-10-27",
  "2026-01-01",
  "2026-02-28",
  "2026-03-01",
  "2026-03-29",
  "2026-03-31",
];
const clocks = [
  "00:00:00",
  "00:00:00.001",
  "02:30:00",
  "11:59:59.999999",
  "12:00:00",
  "22:00:00",
  "23:00:00",
  "23:59:59.999",
];
const numbers = [-7, -1, 0, 1, 2, 5, 9.99, 10, 10.01, 0.1, 0.3, 12.345, 1e6];
const levels = ["low", "mid", "top"];

const text = fc.constantFrom(...texts);
const day = fc.constantFrom(...days);
const clock = fc.constantFrom(...clocks);
const stamp = fc.tuple(day, clock).map((parts) => parts.join(" "));
const number = fc.constantFrom(...numbers);

/** NULL now and then, else the value as SQL of a type. */
const cell = (arbitrary: fc.Arbitrary<unknown>, type: string): fc.Arbitrary<string> =>
  fc
    .option(arbitrary, { freq: 5 })
    .map((value) => `CAST(${value === null ? "NULL" : quote(String(value))} AS ${type})`);
const list = (arbitrary: fc.Arbitrary<unknown>, type: string): fc.Arbitrary<string> =>
  fc
    .option(fc.array(cell(arbitrary, type), { maxLength: 3 }), { freq: 5 })
    .map((items) => (items === null ? `CAST(NULL AS ${type}[])` : `CAST([${items.join(", ")}] AS ${type}[])`));

const table = (
  columns: Readonly<Record<string, fc.Arbitrary<string>>>,
  key: string,
  size: number,
): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(...Object.values(columns)), { minLength: size, maxLength: size })
    .map(
      (rows) =>
        `SELECT * FROM (VALUES ${rows.map((row, index) => `(${index + 1}, ${row.join(", ")})`).join(", ")}) t(${[key, ...Object.keys(columns)].join(", ")})`,
    );

export const customers: fc.Arbitrary<string> = table(
  {
    name: cell(text, "VARCHAR"),
    level: cell(fc.constantFrom(...levels), "ENUM('top', 'low', 'mid')"),
    visits: cell(fc.constantFrom(-1, 0, 1, 2, 5, 10), "INTEGER"),
    big: cell(fc.constantFrom("9007199254740993", "9007199254740992", "-9007199254740993", "0"), "BIGINT"),
    spent: cell(number, "DECIMAL(12,2)"),
    wide: cell(fc.constantFrom("0", "0.10", "123456789012345678901234567890123456.78"), "DECIMAL(38,2)"),
    ratio: cell(fc.oneof(number, fc.constantFrom("nan", "inf", "-0")), "DOUBLE"),
    small: cell(number, "FLOAT"),
    active: cell(fc.boolean(), "BOOLEAN"),
    born: cell(day, "DATE"),
    seen: cell(stamp, "TIMESTAMP"),
    paid: cell(
      stamp.map((value) => `${value}+00`),
      "TIMESTAMPTZ",
    ),
    wakes: cell(clock, "TIME"),
    tags: list(text, "VARCHAR"),
    scores: list(fc.constantFrom(1, 2, 3), "INTEGER"),
    company: cell(fc.constantFrom(1, 2, 3), "INTEGER"),
  },
  "id",
  25,
);

export const orders: fc.Arbitrary<string> = table(
  {
    customer: cell(fc.integer({ min: 1, max: 25 }), "INTEGER"),
    customer_text: cell(fc.oneof(fc.integer({ min: 1, max: 25 }), fc.constant("x")), "VARCHAR"),
    company: cell(fc.constantFrom(1, 2, 4), "BIGINT"),
    amount: cell(number, "DECIMAL(12,3)"),
    pieces: cell(fc.constantFrom(1, 2, 5), "INTEGER"),
    kind: cell(text, "VARCHAR"),
    ordered_at: cell(
      stamp.map((value) => `${value}+00`),
      "TIMESTAMPTZ",
    ),
    shipped_on: cell(day, "DATE"),
  },
  "order_id",
  60,
);

export const zones: fc.Arbitrary<{ readonly timezone: string; readonly asOf: string }> = fc.record({
  timezone: fc.constantFrom(
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "Africa/Cairo",
    "America/St_Johns",
  ),
  asOf: fc.constantFrom(
    "2026-03-29T12:00:00.000Z",
    "2026-03-31T00:30:00.000Z",
    "2026-02-28T23:00:00.000Z",
    "2025-10-26T01:30:00.000Z",
  ),
});

const duration = fc.constantFrom("0d", "12h", "1d", "90min", "30d", "1w", "1mo", "12mo", "1y", "3y", "86400s");
const written = fc.oneof(
  day,
  fc.tuple(day, clock).map(([date, time]) => `${date}T${time.slice(0, 12)}`),
  stamp.map((value) => `${value.slice(0, 19)}Z`),
  stamp.map((value) => `${value.slice(0, 19)}+05:30`),
);
const moment: fc.Arbitrary<Moment> = fc.oneof(
  written,
  duration.map((ago) => ({ ago })),
);

const orderOperators = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.tuple(fc.constantFrom("gt", "gte", "lt", "lte"), value).map(([key, given]) => ({ [key]: given })),
    fc.tuple(value, value).map((between) => ({ between })),
  );
const equalOperators = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.tuple(fc.constantFrom("is", "is_not"), value).map(([key, given]) => ({ [key]: given })),
    fc
      .tuple(fc.constantFrom("in", "not_in"), fc.array(value, { maxLength: 4 }))
      .map(([key, given]) => ({ [key]: given })),
  );
const timeOperators = fc.oneof(
  fc.tuple(fc.constantFrom("before", "after"), moment).map(([key, given]) => ({ [key]: given })),
  fc.tuple(fc.constantFrom("within_last", "not_within_last"), duration).map(([key, given]) => ({ [key]: given })),
);
const textOperators = fc
  .tuple(fc.constantFrom("contains", "starts_with"), text)
  .map(([key, given]) => ({ [key]: given }));
const nullOperators = fc.constantFrom<object>({ is_null: true }, { is_not_null: true });
const literal = fc.oneof(
  number,
  fc.constantFrom<number | bigint>(9007199254740993n, -9007199254740993n, 0.30000000000000004, -0.001, 1e-20, 1e40, 2),
);

const leaf = (columns: readonly string[], operators: fc.Arbitrary<object>): fc.Arbitrary<FieldLeaf> =>
  fc
    .tuple(
      fc.constantFrom(...columns),
      fc.oneof({ weight: 8, arbitrary: operators }, { weight: 1, arbitrary: nullOperators }),
      fc.option(fc.boolean(), { freq: 1 }),
    )
    .map(([field, operator, orNull]) => Object.assign({ field }, operator, orNull === null ? {} : { or_null: orNull }));

const customerLeaf = fc.oneof(
  leaf(
    ["name", "level"],
    fc.oneof(equalOperators(fc.oneof(text, fc.constantFrom(...levels))), orderOperators(text), textOperators),
  ),
  leaf(
    ["visits", "big", "spent", "wide", "ratio", "small"],
    fc.oneof(equalOperators(literal), orderOperators(literal)),
  ),
  leaf(["active"], equalOperators(fc.boolean())),
  leaf(["born", "seen", "paid"], fc.oneof(equalOperators(written), orderOperators(written), timeOperators)),
  leaf(["wakes"], fc.oneof(equalOperators(clock), orderOperators(clock))),
  leaf(
    ["tags"],
    text.map((contains) => ({ contains })),
  ),
  leaf(
    ["scores"],
    fc.constantFrom(1, 2, 2.5, 9).map((contains) => ({ contains })),
  ),
);
const orderLeaf = fc.oneof(
  leaf(["kind"], fc.oneof(equalOperators(text), textOperators)),
  leaf(["amount", "pieces"], fc.oneof(equalOperators(literal), orderOperators(literal))),
  leaf(["ordered_at", "shipped_on"], fc.oneof(orderOperators(written), timeOperators)),
);
const orderRule: fc.Arbitrary<Rule> = fc.oneof(
  orderLeaf,
  fc.array(orderLeaf, { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
  orderLeaf.map((not) => ({ not })),
);

const on = fc.constantFrom<string | Record<string, string>>({ id: "customer" }, { id: "customer_text" }, "company", {
  id: "customer",
  company: "company",
});
const numberTest: fc.Arbitrary<NumberTest> = fc.oneof(
  fc
    .tuple(fc.constantFrom("is", "is_not", "gt", "gte", "lt", "lte"), fc.constantFrom(0, 1, 2, 3, 10))
    .map(([key, given]) => ({ [key]: given })),
  fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(2, 3, 20)).map((between) => ({ between })),
);
const timed = fc.constantFrom("ordered_at", "shipped_on");
const within = fc.oneof(
  fc.record({ field: timed, last: duration }),
  fc.record({ field: timed, from: written, to: written }, { requiredKeys: ["field"] }),
);
const measure = fc.oneof(
  fc.constant({}),
  numberTest.map((count) => ({ count })),
  fc.tuple(fc.constantFrom("amount", "pieces"), numberTest).map(([field, test]) => ({ sum: { field, ...test } })),
  fc
    .tuple(fc.constantFrom("first", "last"), timed, timeOperators)
    .map(([key, field, test]) => ({ [key]: { field, ...test } })),
);
const eventLeaf = fc
  .tuple(on, fc.option(within), fc.option(orderRule), measure)
  .map(([joined, window, where, measured]) =>
    Object.assign(
      { event: "orders", on: joined },
      window === null ? {} : { within: window },
      where === null ? {} : { where },
      measured,
    ),
  );
const relatedLeaf = fc
  .tuple(on, fc.option(orderRule), fc.constantFrom("any", "all", "none"))
  .map(
    ([joined, where, match]) =>
      Object.assign({ related: "orders", on: joined, match }, where === null ? {} : { where }) as Rule,
  );

const plain = fc.oneof(
  { weight: 6, arbitrary: customerLeaf },
  { weight: 3, arbitrary: eventLeaf },
  { weight: 2, arbitrary: relatedLeaf },
);

const tree = (leaves: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.letrec<{ rule: Rule }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      leaves,
      fc.array(tie("rule"), { maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie("rule"), { maxLength: 3 }).map((any) => ({ any })),
      tie("rule").map((not) => ({ not })),
    ),
  })).rule;

/** Rules of two segments, `s0` and `s1`. */
export const segmentRules: fc.Arbitrary<readonly [Rule, Rule]> = fc.tuple(plain, plain) as fc.Arbitrary<
  readonly [Rule, Rule]
>;

/** Rules over customers. */
export const rules: fc.Arbitrary<Rule> = tree(
  fc.oneof(
    { weight: 10, arbitrary: plain as fc.Arbitrary<Rule> },
    { weight: 1, arbitrary: fc.constantFrom<Rule>({ in_segment: "s0" }, { in_segment: "s1" }, { in_audience: "a0" }) },
  ),
);
