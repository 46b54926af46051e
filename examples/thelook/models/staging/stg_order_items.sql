-- Pieces sold. Cancelled ones were never paid. The price is a FLOAT64 there: as a number of cents its sums are the same every day.
select
  i.id                                    as item_id,
  i.order_id,
  u.customer_id,
  i.status,
  i.created_at                            as ordered_at,
  i.returned_at,
  p.department,
  p.category,
  p.brand,
  round(cast(i.sale_price as numeric), 2) as price
from {{ source('thelook', 'order_items') }} i
join {{ ref('stg_users') }} u on u.user_id = i.user_id
join {{ source('thelook', 'products') }} p on p.id = i.product_id
where i.status <> 'Cancelled'
