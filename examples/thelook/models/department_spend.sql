select customer_id, department, sum(price) as spend, count(*) as items
from {{ ref('stg_order_items') }}
where status <> 'Returned'
group by customer_id, department
