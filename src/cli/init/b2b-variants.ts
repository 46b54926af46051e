/** Models of the b2b template in SQL of BigQuery and Snowflake, where days are counted by other functions: path -> text. */
import type { InitWarehouse } from "./project-file.ts";

export const b2bVariants: Readonly<Record<InitWarehouse, Readonly<Record<string, string>>>> = {
  duckdb: {},
  bigquery: {
    "models/companies.bigquery.sql": companies(
      `timestamp_sub(cast('{{ var("as_of") }}' as timestamp), interval 30 day)`,
    ),
    "models/contacts.bigquery.sql": contacts(
      `date_diff(c.trial_ends_on, date(cast('{{ var("as_of") }}' as timestamp)), day)`,
    ),
  },
  snowflake: {
    "models/companies.snowflake.sql": companies(`dateadd(day, -30, cast('{{ var("as_of") }}' as timestamp_ntz))`),
    "models/contacts.snowflake.sql": contacts(
      `datediff(day, cast(cast('{{ var("as_of") }}' as timestamp_ntz) as date), c.trial_ends_on)`,
    ),
  },
};

function companies(monthAgo: string): string {
  return `-- As companies.sql, in the words of this warehouse where the two differ.
select
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
  and l.at >= ${monthAgo}
group by all
`;
}

function contacts(daysLeft: string): string {
  return `-- As contacts.sql, in the words of this warehouse where the two differ.
select
  p.contact_id,
  p.first_name,
  lower(trim(p.email))  as email,
  p.role,
  c.name                as company,
  c.plan,
  ${daysLeft} as trial_days_left,
  c.logins_30d
from {{ source('app', 'contacts') }} p
join {{ ref('companies') }} c on c.company_id = p.company_id
`;
}
