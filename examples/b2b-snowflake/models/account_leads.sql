-- Whom to call at an account: the preferred contact, else the one known longest.
select account_id, customer_id, first_name, last_name, email
from (
  select c.*, row_number() over (partition by account_id order by preferred desc, first_sold_on nulls last, customer_id) as place
  from {{ ref('contacts') }} c
  where account_id is not null
) ranked
where place = 1
