select
  o.order_id,
  l.customer_id,
  o.ordered_at,
  o.status,
  o.refunded_at,
  sum(i.quantity * i.unit_price)                                             as amount,
  case when o.status = 'refunded' then sum(i.quantity * i.unit_price) else 0 end as refunded,
  bool_or(p.category = 'laptop')                                             as has_laptop
from {{ source('shop', 'orders') }} o
join {{ ref('account_links') }} l on l.account_id = o.customer_id
join {{ source('shop', 'order_items') }} i on i.order_id = o.order_id
join {{ source('shop', 'products') }} p on p.product_id = i.product_id
where o.status <> 'cancelled'
group by o.order_id, l.customer_id, o.ordered_at, o.status, o.refunded_at
