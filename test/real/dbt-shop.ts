/** A shop as a dbt project: seeds, views, tables, a snapshot, versions, an ephemeral model, a contract, a source, tests. */
export const dbtShop: Readonly<Record<string, string>> = {
  "dbt_project.yml": 'name: shop\nversion: "1.0"\nprofile: shop\nflags: { send_anonymous_usage_stats: false }\n',
  // The file's name is the database's: "warehouse". millrace attaches it as "source".
  "profiles.yml": "shop: { target: dev, outputs: { dev: { type: duckdb, path: warehouse.duckdb, threads: 1 } } }\n",
  "seeds/raw_people.csv": `id,email,country,joined
1,ada@example.com,FR,2025-01-05
2,bob@example.com,BE,2025-02-05
3,cleo@example.com,FR,2025-03-05
`,
  "seeds/raw_orders.csv": `id,person,amount,ordered_at
10,1,400.5,2025-06-01
11,1,20,2025-07-01
12,2,35,2025-07-02
`,
  "models/stg_shop__people.sql": `with source as (select * from {{ ref('raw_people') }}),
renamed as (select id as person_id, lower(email) as email, country, joined from source)
select * from renamed
`,
  "models/window_days.sql": "{{ config(materialized='ephemeral') }}\nselect 365 as days\n",
  "models/customers.sql": `{{ config(materialized='table', tags=['core'], meta={'millrace': {'primary_key': 'person_id', 'identifiers': {'email': 'email'}}}) }}
with people as (select * from {{ ref('stg_shop__people') }}),
spent as (select person, sum(amount) as lifetime_value, max(ordered_at) as last_order_at from {{ ref('raw_orders') }} group by all)
select people.*, coalesce(spent.lifetime_value, 0) as lifetime_value, spent.last_order_at, {{ 1 + 1 }} as two
from people left join spent on spent.person = people.person_id
`,
  // The source is filled by a seed: dbt must build that first.
  "models/orders_v1.sql": `-- depends_on: {{ ref('raw_orders') }}
select id as order_id, person as person_id, amount from {{ source('app', 'orders') }}
`,
  "models/orders_v2.sql": `{{ config(materialized='table') }} -- depends_on: {{ ref('raw_orders') }}
select id as order_id, person as person_id, amount, ordered_at from {{ source('app', 'orders') }}
`,
  "models/agreed.sql": "{{ config(materialized='table') }}\nselect id, email from {{ ref('raw_people') }}\n",
  "models/schema.yml": `sources:
  - name: app
    description: What the shop writes.
    schema: main
    tables: [ { name: orders, identifier: raw_orders, description: One row per order., columns: [ { name: id, description: Its number. } ] } ]
models:
  - name: customers
    description: One row per person.
    columns:
      - { name: person_id, description: The person's number., data_tests: [ unique, not_null ] }
      - { name: country, data_tests: [ { accepted_values: { arguments: { values: [FR, BE] }, config: { severity: warn, where: "country is not null" } } } ] }
      - { name: email, description: Lower case., data_tests: [ { relationships: { arguments: { to: ref('stg_shop__people'), field: email } } } ] }
  - name: orders
    latest_version: 2
    columns: [ { name: order_id, data_tests: [ not_null ] } ]
    versions: [ { v: 1, columns: [ { include: all } ] }, { v: 2 } ]
  - name: agreed
    config: { contract: { enforced: true } }
    columns: [ { name: id, data_type: integer }, { name: email, data_type: varchar } ]
`,
  "snapshots/people.yml": `snapshots:
  - name: people_history
    relation: ref('stg_shop__people')
    config: { unique_key: person_id, strategy: check, check_cols: all }
`,
};
