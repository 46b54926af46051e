/** A project over people and orders with every kind of test, some of which hold and some of which do not. */
import type { Shop } from "./project.ts";

const models = `sources:
  - name: raw
    schema: raw_shop
    tables: [{ name: people }, { name: orders, freshness: { field: at, warn: 1h, fail: 2d } }]
models:
  - name: customers
    primary_key: id
    identifiers: { email: email }
    columns:
      - { name: id, data_tests: [unique, not_null] }
      - { name: email, pii: email, data_tests: [not_null, { accepted_values: { values: [ada@example.com, bo@example.com] } }] }
  - name: orders
    primary_key: id
    columns:
      - name: customer
        data_tests: [{ relationships: { to: ref('customers'), field: id } }, { accepted_values: { values: [1, 2] } }]
    data_tests:
      - row_count: { min: 1, max: 2 }
      - expression: { expression: "total > 6" }
      - freshness: { field: at, fail: 30min }
      - unique: { columns: [customer, paid] }
  - { name: buyers, primary_key: id }
unit_tests:
  - name: counts
    model: buyers
    given:
      - { input: "ref('customers')", rows: [{ id: 1, email: a@example.com, spent: 4 }, { id: 2, spent: 5 }] }
      - input: source('raw', 'orders')
        rows: [{ id: 5, customer: 1, total: 20.5, paid: true, at: "2026-01-01T00:00:00Z", day: "2026-01-01", extra: { a: 1 } }]
    expect:
      rows: [{ id: 1, orders: 1, most: 20.50, latest: "2026-01-01T00:00:00Z" }, { id: 2, orders: 0, most: null, latest: null }]
  - name: breaks
    model: buyers
    given: [{ input: "ref('customers')", rows: [{ id: 1 }] }]
    expect: { rows: [{ id: 1, orders: 7 }] }
segments:
  - { name: french, model: customers, where: { field: country, is: FR } }
audiences:
  - name: vip
    model: customers
    where: { all: [{ field: country, is: FR }, { field: spent, gte: 100 }] }
    tests: [{ size: { min: 1 } }, { contains: { id: [1, 77] } }, { share_with_identifier: { identifier: email, min: 90% } }]
  - { name: rich, model: customers, sql: rich.audience.sql, tests: [{ subset_of: french }] }
syncs:
  - { name: vip_to_hook, audience: vip, destination: hook, object: member, mode: mirror }
`;

const files: Readonly<Record<string, string>> = {
  "models/models.yml": models,
  "models/orders.sql": "select * from {{ source('raw', 'orders') }}\n",
  "models/buyers.sql": `select c.id, count(o.id) as orders, max(o.total) as most, max(o.at) as latest
from {{ ref('customers') }} c left join {{ source('raw', 'orders') }} o on o.customer = c.id group by c.id\n`,
  "models/rich.audience.sql":
    "with big as (select * from {{ ref('customers') }} where spent > 200) select id from big\n",
  "tests/nobody_owes.sql": "select * from {{ ref('customers') }} where spent < 0\n",
};

const orders = {
  id: "integer",
  customer: "integer",
  total: "decimal",
  paid: "boolean",
  at: "timestamptz",
  day: "date",
  extra: "json",
} as const;

/** Fills the shop; its source's schema is that of the shop without a name. */
export async function writeAuthored(shop: Shop): Promise<void> {
  await shop.people(
    [1, "Ada", "ada@example.com", "FR", 250],
    [2, "Bo", "bo@example.com", "FR", 120],
    [3, "Cy", "cy@example.com", "DE", 900],
  );
  await shop.table("orders", orders, [
    [10, 1, "20.50", true, "2026-02-27T10:00:00Z", "2026-02-27", '{"a":[1,2]}'],
    [11, 1, "9.99", true, "2026-02-28T11:00:00Z", "2026-02-28", null],
    [12, 9, "5.00", false, "2026-03-01T05:00:00.250Z", "2026-03-01", '{"b":"x"}'],
  ]);
  for (const [file, text] of Object.entries(files)) await shop.write(file, text);
}
