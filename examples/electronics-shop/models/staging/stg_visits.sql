select v.visit_id, l.customer_id, v.visited_at, v.page
from {{ source('shop', 'visits') }} v
join {{ ref('account_links') }} l on l.account_id = v.customer_id
