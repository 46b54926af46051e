import { commonFiles } from "./common-files.ts";
import { sampleTables } from "./sample-people.ts";

/** A shop with two audiences, sample data and files as the destination: path -> text. `today` dates the orders. */
export function shopFiles(today: number): Readonly<Record<string, string>> {
  const tables = sampleTables(today);
  return {
    ...commonFiles(),
    "seeds/shop/customers.csv": tables.customers,
    "seeds/shop/orders.csv": tables.orders,
    "models/shop.yml": sources,
    "models/customers.sql": customersSql,
    "models/customers.yml": customersYml,
    "models/audiences/lapsed_buyers.yml": lapsedBuyers,
    "models/audiences/newsletter_readers.yml": newsletterReaders,
    "destinations/crm_files.yml": crmFiles,
  };
}

const sources = `sources:
  - name: shop
    schema: shop
    description: The shop's own tables; here the sample data of seeds/shop.
    tables: [ { name: customers }, { name: orders } ]
`;

const customersSql = `select
  c.customer_id,
  c.first_name,
  lower(trim(c.email))                              as email,
  c.phone,
  c.country,
  c.newsletter,
  count(o.order_id)                                 as orders,
  coalesce(sum(o.amount - o.refunded), 0)           as lifetime_value,
  max(o.ordered_at)                                 as last_order_at
from {{ source('shop', 'customers') }} c
left join {{ source('shop', 'orders') }} o on o.customer_id = c.customer_id
group by all
`;

const customersYml = `models:
  - name: customers
    description: One row per customer; refunds are taken out of the lifetime value.
    primary_key: customer_id
    identifiers: { email: email, phone: phone }
    columns:
      - { name: customer_id, data_tests: [unique, not_null] }
      - { name: email, description: Lower case and trimmed., pii: email }
      - { name: phone, pii: phone }
      - { name: country, data_tests: [ { accepted_values: { values: [FR, BE, DE] } } ] }
      - { name: lifetime_value, label: Lifetime value (EUR), filterable: true }
unit_tests:
  - name: refunds_are_taken_out
    model: customers
    given:
      - input: source('shop', 'customers')
        rows: [ { customer_id: 1, email: " Ada@Example.com", newsletter: true } ]
      - input: source('shop', 'orders')
        rows:
          - { order_id: 1, customer_id: 1, amount: 100, refunded: 0, ordered_at: 2026-01-05 }
          - { order_id: 2, customer_id: 1, amount: 20, refunded: 20, ordered_at: 2026-02-01 }
    expect: { rows: [ { customer_id: 1, email: ada@example.com, lifetime_value: 100 } ] }
`;

const lapsedBuyers = `audiences:
  - name: lapsed_buyers
    label: Lapsed buyers, France
    description: Bought before, nothing for half a year.
    tags: [winback]
    model: customers
    where:
      all:
        - { field: country, is: FR }
        - { field: orders, gte: 1 }
        - { field: last_order_at, not_within_last: 180d }
    tests:
      - size: { min: 1 }
syncs:
  - name: lapsed_buyers_to_files
    audience: lapsed_buyers
    destination: crm_files
    object: member
    mode: mirror
`;

const newsletterReaders = `audiences:
  - name: newsletter_readers
    label: Newsletter readers
    description: Signed up for the newsletter and can be reached by e-mail.
    tags: [newsletter]
    model: customers
    where:
      all:
        - { field: newsletter, is: true }
        - { field: email, is_not_null: true }
syncs:
  - name: newsletter_readers_to_files
    audience: newsletter_readers
    destination: crm_files
    object: member
    mode: mirror
    schedule: { cron: "0 6 * * *" }
`;

const crmFiles = `destination: crm_files
type: file
label: Files below outbox/, a folder per run
config: { path: outbox/crm, format: jsonl }
`;
