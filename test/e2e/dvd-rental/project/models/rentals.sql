-- What the shop knew at as_of: later rentals have not happened, later returns are still out.
select
  r.rental_id,
  r.customer_id,
  cast(r.rental_date as timestamp) as rented_at,
  case when cast(r.return_date as timestamp) <= cast('{{ var("as_of") }}' as timestamp) then cast(r.return_date as timestamp) end as returned_at,
  f.title,
  f.rental_duration,
  c.category_name as category
from {{ source('dvd', 'rental') }} r
join {{ source('dvd', 'inventory') }} i on i.inventory_id = r.inventory_id
join {{ source('dvd', 'film') }} f on f.film_id = i.film_id
join {{ source('dvd', 'film_category') }} fc on fc.film_id = f.film_id
join {{ source('dvd', 'category') }} c on c.category_id = fc.category_id
where cast(r.rental_date as timestamp) <= cast('{{ var("as_of") }}' as timestamp)
