import { expect, it } from "vitest";
import { checkColumns } from "../../src/project/check-columns.ts";
import { loadGood, told } from "./sample.ts";

const files = {
  "models/orders.sql": "select 1 as order_id",
  "models/more.yml": [
    "models: [ { name: orders, primary_key: order_id } ]",
    "audiences:",
    "  - name: more",
    "    model: customers",
    "    limit: { max: 10, order_by: valu desc }",
    "    where:",
    "      all:",
    "        - { field: contry, is: FR }",
    "        - not: { field: Country, is: BE }",
    "        - { event: orders, on: { customer_id: custmer_id }, within: { field: orderd_at, last: 3d }, sum: { field: amont, gte: 2 }, where: { field: shop_id, is: 1 } }",
    "syncs:",
    "  - { name: s, audience: more, destination: crm, object: record, mode: upsert, identifiers: { email: { from: mail, default_country: FR } }, mappings: [ { to: a, from: aa }, { to: b, value: bb } ] }",
  ].join("\n"),
};
const columns: Record<string, readonly string[]> = {
  customers: ["customer_id", "email", "country", "value"],
  orders: ["order_id", "customer_id", "ordered_at", "amount"],
};

it("names every column that a model does not have, with the nearest", async () => {
  const project = await loadGood(files);
  const problems = checkColumns(project, (model) => columns[model] ?? null);
  expect(problems.map(({ at, message, hint }) => `${at?.line}:${at?.column} ${message}, ${hint}`)).toEqual([
    '8:20 model "customers" has no column "contry", did you mean "country"?',
    '10:47 model "orders" has no column "custmer_id", did you mean "customer_id"?',
    '10:78 model "orders" has no column "orderd_at", did you mean "ordered_at"?',
    '10:115 model "orders" has no column "amont", did you mean "amount"?',
    '10:148 model "orders" has no column "shop_id", its columns: amount, customer_id, order_id, ordered_at',
    '5:33 model "customers" has no column "valu", did you mean "value"?',
    '12:102 model "customers" has no column "mail", did you mean "email"?',
    '12:168 model "customers" has no column "aa", its columns: country, customer_id, email, value',
  ]);
  expect(told(checkColumns(project, () => null))).toEqual([]);
});
