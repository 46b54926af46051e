import { commonFiles } from "./common-files.ts";
import { b2bVariants } from "./b2b-variants.ts";
import type { InitWarehouse } from "./project-file.ts";
import { sampleCompanies } from "./sample-companies.ts";

/**
 * A software seller's project: companies with trials, their contacts, product usage; two syncs to files. Models that another
 * warehouse says in its own words have a file for it.
 */
export function b2bFiles(today: number, warehouse: InitWarehouse): Readonly<Record<string, string>> {
  const tables = sampleCompanies(today);
  return {
    ...commonFiles(),
    "seeds/app/companies.csv": tables.companies,
    "seeds/app/contacts.csv": tables.contacts,
    "seeds/app/logins.csv": tables.logins,
    "models/app.yml": sources,
    "models/companies.sql": companiesSql,
    "models/contacts.sql": contactsSql,
    ...b2bVariants[warehouse],
    "models/models.yml": models,
    "models/companies_to_crm.yml": companiesToCrm,
    "models/audiences/trials_ending.yml": trialsEnding,
    "destinations/crm_files.yml": crmFiles,
  };
}

const sources = `sources:
  - name: app
    schema: app
    description: The product's own tables; here the sample data of seeds/app.
    tables: [ { name: companies }, { name: contacts }, { name: logins } ]
`;

const companiesSql = `select
  c.company_id,
  c.name,
  lower(trim(c.domain))                       as domain,
  c.plan,
  c.trial_ends_on,
  count(distinct p.contact_id)                as seats,
  count(l.at)                                 as logins_30d
from {{ source('app', 'companies') }} c
left join {{ source('app', 'contacts') }} p on p.company_id = c.company_id
left join {{ source('app', 'logins') }} l
  on l.contact_id = p.contact_id
  and l.at >= cast('{{ var("as_of") }}' as timestamptz) - interval 30 day
group by all
`;

const contactsSql = `select
  p.contact_id,
  p.first_name,
  lower(trim(p.email))  as email,
  p.role,
  c.name                as company,
  c.plan,
  date_diff('day', cast(cast('{{ var("as_of") }}' as timestamptz) as date), c.trial_ends_on) as trial_days_left,
  c.logins_30d
from {{ source('app', 'contacts') }} p
join {{ ref('companies') }} c on c.company_id = p.company_id
`;

const models = `models:
  - name: companies
    description: One row per customer company; logins of the last 30 days.
    primary_key: company_id
    columns:
      - { name: company_id, data_tests: [unique, not_null] }
      - { name: plan, data_tests: [ { accepted_values: { values: [trial, team, business] } } ] }
  - name: contacts
    description: One row per person at a company, with what the company does.
    primary_key: contact_id
    identifiers: { email: email }
    columns:
      - { name: contact_id, data_tests: [unique, not_null] }
      - { name: email, description: Lower case and trimmed., pii: email }
unit_tests:
  - name: seats_count_each_contact_once
    model: companies
    given:
      - input: source('app', 'companies')
        rows: [ { company_id: 1, name: Northwind, domain: " Northwind.example.com ", plan: trial } ]
      - input: source('app', 'contacts')
        rows: [ { contact_id: 1, company_id: 1 }, { contact_id: 2, company_id: 1 } ]
      - input: source('app', 'logins')
        rows: [ { contact_id: 1, at: 2026-01-05T08:00:00Z }, { contact_id: 1, at: 2026-01-06T08:00:00Z } ]
    vars: { as_of: 2026-01-07T00:00:00Z }
    expect: { rows: [ { company_id: 1, domain: northwind.example.com, seats: 2, logins_30d: 2 } ] }
`;

const companiesToCrm = `syncs:
  - name: companies_to_crm
    model: companies
    destination: crm_files
    object: record
    mode: upsert
    mappings:
      - { to: name, from: name }
      - { to: domain, from: domain }
      - { to: plan, from: plan }
      - { to: seats, from: seats }
      - { to: logins_30d, from: logins_30d }
`;

const trialsEnding = `audiences:
  - name: trials_ending
    label: Trials that end soon and are used
    description: Contacts of companies whose trial ends within two weeks and who logged in at all.
    tags: [sales]
    model: contacts
    where:
      all:
        - { field: plan, is: trial }
        - { field: trial_days_left, between: [0, 14] }
        - { field: logins_30d, gte: 1 }
        - { field: email, is_not_null: true }
    tests:
      - size: { min: 1 }
syncs:
  - name: trials_ending_to_crm
    audience: trials_ending
    destination: crm_files
    object: member
    mode: mirror
    schedule: { cron: "0 6 * * 1-5" }
    mappings:
      - { to: company, from: company }
`;

const crmFiles = `destination: crm_files
type: file
label: Files below outbox/, a folder per run
config: { path: outbox/crm, format: jsonl }
`;
