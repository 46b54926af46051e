-- One row per e-mail: who was reviewed last stands for it.
select customer_id, account_id, salutation, first_name, last_name, email, preferred, birth_month, birth_country, first_sold_on, last_reviewed_on
from (
  select c.*, row_number() over (partition by email order by last_reviewed_on desc nulls last, customer_id) as place
  from {{ ref('stg_customers') }} c
  where email is not null
) ranked
where place = 1
