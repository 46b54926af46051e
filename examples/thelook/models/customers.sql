-- Sums are of exact cents; `* 1e0` makes a float of each at the end, as platforms want a number and decimals travel as text.
select
  u.customer_id,
  u.first_name,
  u.last_name,
  u.email,
  u.age,
  u.gender,
  u.city,
  u.postal_code,
  u.country,
  u.traffic_source,
  u.signed_up_at,
  coalesce(b.lifetime_value, 0) * 1e0 as lifetime_value,
  coalesce(b.orders, 0)               as orders,
  coalesce(b.returned_items, 0)       as returned_items,
  b.first_order_at,
  b.last_order_at
from {{ ref('stg_users') }} u
left join (
  select
    customer_id,
    sum(case when status = 'Returned' then 0 else price end) as lifetime_value,
    count(distinct order_id)                                 as orders,
    sum(case when status = 'Returned' then 1 else 0 end)     as returned_items,
    min(ordered_at)                                          as first_order_at,
    max(ordered_at)                                          as last_order_at
  from {{ ref('stg_order_items') }}
  group by customer_id
) b on b.customer_id = u.customer_id
where u.user_id = u.customer_id
