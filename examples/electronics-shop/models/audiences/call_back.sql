select c.customer_id
from {{ ref('customers') }} c
join {{ ref('stg_orders') }} o on o.customer_id = c.customer_id
where c.phone is not null
group by c.customer_id
having min(o.ordered_at) >= cast('{{ var("as_of") }}' as timestamp) - interval 90 days
