select
  c.customer_id,
  c.first_name,
  c.email,
  nullif(a.phone, '')   as phone,
  k.country,
  coalesce(r.rentals, 0) as rentals,
  r.last_rental_at,
  coalesce(p.spent, 0)  as spent
from {{ source('dvd', 'customer') }} c
left join (select address_id, city_id, cast(phone as varchar) as phone from {{ source('dvd', 'address') }}) a on a.address_id = c.address_id
left join {{ source('dvd', 'city') }} t on t.city_id = a.city_id
left join {{ source('dvd', 'country') }} k on k.country_id = t.country_id
left join (
  select customer_id, count(*) as rentals, max(rented_at) as last_rental_at from {{ ref('rentals') }} group by customer_id
) r on r.customer_id = c.customer_id
left join (select customer_id, sum(amount) as spent from {{ ref('payments') }} group by customer_id) p on p.customer_id = c.customer_id
