-- An order without a line would be worth nothing and hide a broken load.
select o.order_id
from {{ source('shop', 'orders') }} o
left join {{ source('shop', 'order_items') }} i on i.order_id = o.order_id
where i.order_id is null
