-- Accounts with one e-mail are one person: the oldest account stands for all of them.
select
  customer_id as account_id,
  case when email is null then customer_id else min(customer_id) over (partition by email) end as customer_id
from {{ ref('stg_accounts') }}
