select distinct customer_id
from {{ ref('rentals') }}
where returned_at is null
  and rented_at + to_days(cast(rental_duration + 3 as integer)) < cast('{{ var("as_of") }}' as timestamp)
