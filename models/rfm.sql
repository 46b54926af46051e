{# One row per key: how recent, how many, how much, each with a score from 1 to 5 among all keys. #}
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
totals as (
  select subject, as_of, max(happened_at) as last_at, count(*) as frequency, coalesce(sum(amount), 0) as monetary
  from occurrences cross join moment
  where subject is not null and happened_at <= as_of
  group by subject, as_of
),
{# Quintiles in which equals stay together: of recency the upper one, of the others the lower, so that one order is a 1. #}
scored as (
  select
    *,
    cast(ceil(5.0 * count(*) over (order by last_at) / count(*) over ()) as integer) as recency_score,
    cast(1 + floor(5.0 * (rank() over (order by frequency) - 1) / count(*) over ()) as integer) as frequency_score,
    cast(1 + floor(5.0 * (rank() over (order by monetary) - 1) / count(*) over ()) as integer) as monetary_score
  from totals
),
{# What a customer is worth: frequency and money together, halves rounded up. #}
valued as (
  select *, cast(ceil((frequency_score + monetary_score) / 2.0) as integer) as value_score from scored
)
select
  subject as "{{ var('key') }}",
  last_at,
  cast(floor(extract(epoch from (as_of - last_at)) / 86400) as integer) as recency_days,
  frequency,
  monetary,
  recency_score,
  frequency_score,
  monetary_score,
  case
    when recency_score >= 4 and value_score >= 4 then 'champions'
    when recency_score >= 4 and frequency = 1 then 'new'
    when recency_score >= 4 then 'promising'
    when recency_score = 3 and value_score >= 3 then 'loyal'
    when recency_score = 3 then 'needs_attention'
    when value_score >= 4 then 'at_risk'
    when recency_score = 2 then 'hibernating'
    else 'lost'
  end as segment
from valued
