-- num_of_item of an order is how many pieces it has; anything else is half a load.
select o.order_id
from {{ source('thelook', 'orders') }} o
left join (
  select order_id, count(*) as items
  from {{ source('thelook', 'order_items') }}
  group by order_id
) i on i.order_id = o.order_id
where coalesce(i.items, 0) <> o.num_of_item
