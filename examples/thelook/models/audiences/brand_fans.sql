select distinct i.customer_id
from {{ ref('stg_order_items') }} i
join {{ ref('customers') }} c on c.customer_id = i.customer_id
where i.status <> 'Returned' and c.email is not null
group by i.customer_id, i.brand
having count(*) >= 3
