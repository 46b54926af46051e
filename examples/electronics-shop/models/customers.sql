select
  a.customer_id,
  a.first_name,
  a.last_name,
  a.email,
  a.phone,
  a.country,
  a.city,
  a.created_at,
  coalesce(o.lifetime_value, 0) as lifetime_value,
  coalesce(o.orders, 0)         as orders,
  o.last_order_at,
  n.signed_up_at                as newsletter_since,
  n.unsubscribed_at             as newsletter_left
from {{ ref('stg_accounts') }} a
join {{ ref('account_links') }} l on l.account_id = a.customer_id and l.customer_id = a.customer_id
left join (
  select customer_id, sum(amount - refunded) as lifetime_value, count(*) as orders, max(ordered_at) as last_order_at
  from {{ ref('stg_orders') }}
  group by customer_id
) o on o.customer_id = a.customer_id
left join (
  select lower(trim(email)) as email, max(signed_up_at) as signed_up_at, arg_max(unsubscribed_at, signed_up_at) as unsubscribed_at
  from {{ source('shop', 'newsletter_signups') }}
  group by lower(trim(email))
) n on n.email = a.email
