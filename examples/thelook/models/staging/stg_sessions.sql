-- Visits of people who were signed in.
select
  e.session_id,
  min(u.customer_id)                                          as customer_id,
  min(e.created_at)                                           as started_at,
  sum(case when e.event_type = 'cart' then 1 else 0 end)      as put_in_cart,
  sum(case when e.event_type = 'purchase' then 1 else 0 end)  as purchases
from {{ source('thelook', 'events') }} e
join {{ ref('stg_users') }} u on u.user_id = e.user_id
group by e.session_id
