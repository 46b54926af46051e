{# One row per key that began something and did not finish it in time: carts without an order, trials without a purchase. #}
with moment as (
  select cast('{{ var("as_of") }}' as timestamp with time zone) as as_of
),
steps as (
  select
    "{{ var('key') }}" as subject,
    cast("{{ var('started_at') }}" as timestamp with time zone) as happened_at,
    false as finishes
  from {{ ref('started') }}
  union all
  select "{{ var('key') }}", cast("{{ var('finished_at') }}" as timestamp with time zone), true
  from {{ ref('finished') }}
),
{# The next finish at or after each step; a finish of the same instant counts. #}
followed as (
  select
    *,
    min(case when finishes then happened_at end) over (
      partition by subject order by happened_at range between current row and unbounded following
    ) as finished_at
  from steps cross join moment
  where subject is not null and happened_at <= as_of
),
{# Only windows that are over: somebody who began a minute ago has dropped nothing yet. #}
dropped as (
  select subject, happened_at, finished_at
  from followed
  where not finishes
    and happened_at + interval '{{ var("within") }}' <= as_of
    and (finished_at is null or finished_at > happened_at + interval '{{ var("within") }}')
)
select
  subject as "{{ var('key') }}",
  count(*) as drops,
  max(happened_at) as dropped_at,
  {# A drop without a finish after it makes all later ones so too. #}
  case when count(*) = count(finished_at) then max(finished_at) end as finished_later_at
from dropped
group by subject
