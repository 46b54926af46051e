-- The sample has no companies: everybody at one address is an account.
select
  account_id,
  count(*)                                       as contacts,
  sum(case when preferred then 1 else 0 end)     as preferred_contacts,
  min(first_sold_on)                             as customer_since,
  max(last_reviewed_on)                          as last_reviewed_on
from {{ ref('contacts') }}
where account_id is not null
group by account_id
