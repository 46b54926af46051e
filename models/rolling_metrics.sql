{# One row per key with an event in the last 365 days: counts and sums over four windows that end at as_of, both ends included. #}
with moment as (
  select cast('{{ var("as_of") }}' as timestamp with time zone) as as_of
),
occurrences as (
  select
    "{{ var('key') }}" as subject,
    cast("{{ var('at') }}" as timestamp with time zone) as happened_at,
    "{{ var('amount') }}" as amount
  from {{ ref('events') }}
),
{# Events of the same instant: the larger amount counts as the last. #}
aged as (
  select
    subject,
    happened_at,
    amount,
    happened_at >= as_of - interval '7 days' as in_7d,
    happened_at >= as_of - interval '30 days' as in_30d,
    happened_at >= as_of - interval '90 days' as in_90d,
    row_number() over (partition by subject order by happened_at desc, amount desc nulls last) as from_last
  from occurrences cross join moment
  where subject is not null and happened_at <= as_of and happened_at >= as_of - interval '365 days'
)
select
  subject as "{{ var('key') }}",
  count(case when in_7d then 1 end) as count_7d,
  coalesce(sum(case when in_7d then amount end), 0) as sum_7d,
  count(case when in_30d then 1 end) as count_30d,
  coalesce(sum(case when in_30d then amount end), 0) as sum_30d,
  count(case when in_90d then 1 end) as count_90d,
  coalesce(sum(case when in_90d then amount end), 0) as sum_90d,
  count(*) as count_365d,
  coalesce(sum(amount), 0) as sum_365d,
  max(happened_at) as last_at,
  max(case when from_last = 1 then amount end) as last_amount
from aged
group by subject
