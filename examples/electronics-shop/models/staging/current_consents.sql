-- The last word of a person counts, whichever of their accounts it was said in.
select l.customer_id || '/' || c.purpose as consent_key, l.customer_id, c.purpose, arg_max(c.granted, c.changed_at) as granted
from {{ source('shop', 'consents') }} c
join {{ ref('account_links') }} l on l.account_id = c.customer_id
group by l.customer_id, c.purpose
