/** W230: where `not:` lets rows without a value in, and where somebody has thought of them. */
import { expect, it } from "vitest";
import { load, told } from "./sample.ts";

const audience = (where: string): string => `segments:\n  - name: more\n    model: customers\n    where: ${where}\n`;
const advice = (column: string, at: string): string =>
  `W230 models/more.yml:${at} not: keeps the rows whose ${column} is NULL`;

it.each([
  ["{ not: { field: country, is: FR } }", [advice("country", "4:19")]],
  [
    "{ not: { any: [ { field: country, is: FR }, { field: email, contains: x } ] } }",
    [advice("country", "4:28"), advice("email", "4:56")],
  ],
  ["{ not: { not: { not: { field: country, in: [FR] } } } }", [advice("country", "4:33")]],
  ["{ not: { event: orders, on: customer_id, where: { not: { field: amount, gt: 5 } } } }", [advice("amount", "4:67")]],
  ["{ field: country, is_not: FR }", []],
  ["{ not: { field: country, is: FR, or_null: true } }", []],
  ["{ not: { not: { field: country, is: FR } } }", []],
  ["{ not: { field: country, is_null: true } }", []],
  ["{ all: [ { not: { field: country, is: FR } }, { field: country, is_not_null: true } ] }", []],
  ["{ any: [ { not: { field: country, is: FR } }, { field: country, is_null: true } ] }", []],
  ["{ not: { field: customer_id, is: 5 } }", []],
  ["{ not: { event: orders, on: customer_id, where: { field: amount, gt: 5 } } }", []],
  ["{ not: { event: orders, on: customer_id, where: { not: { field: order_id, gt: 5 } } } }", []],
  ["{ not: { event: orders, on: customer_id, where: { not: { field: status, is: paid } } } }", []],
])("%s", async (where, lines) => {
  const { diagnostics } = await load({
    "models/more.yml": audience(where),
    "models/orders.sql": "select 1 as order_id, 1 as customer_id, 5 as amount, 'paid' as status",
    "models/orders.yml": [
      "models:",
      "  - name: orders",
      "    columns: [ { name: order_id, data_tests: [not_null] } ]",
      "    data_tests: [ { not_null: { columns: [status] } } ]",
    ].join("\n"),
  });
  expect(told(diagnostics)).toEqual(lines);
});

it("says how to mean it", async () => {
  const hintOf = async (rule: string) =>
    (await load({ "models/more.yml": audience(`{ not: { field: email, ${rule} } }`) })).diagnostics[0]?.hint;
  const test = "a not_null test on customers.email says that there are none";
  expect(await hintOf("in: [a, b]")).toBe(
    `{ field: email, not_in: … } leaves them out, and keeps them with or_null: true; ${test}`,
  );
  expect(await hintOf("contains: a")).toBe(`or_null: true inside leaves them out; ${test}`);
});
