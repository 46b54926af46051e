-- More than one in twenty contacts without an address is a broken load, not the dirt of the sample.
select without_account, contacts
from (
  select sum(case when account_id is null then 1 else 0 end) as without_account, count(*) as contacts
  from {{ ref('contacts') }}
) counted
where without_account * 20 > contacts
