{# One row per key: its first and its last event with one attribute of each. #}
with occurrences as (
  select
    "{{ var('key') }}" as subject,
    cast("{{ var('at') }}" as timestamp with time zone) as happened_at,
    "{{ var('value') }}" as attribute
  from {{ ref('events') }}
),
{# Events of the same instant are told apart by the attribute, a known one before NULL, so that a plan can be made again. #}
ranked as (
  select
    *,
    row_number() over (partition by subject order by happened_at, attribute nulls last) as from_first,
    row_number() over (partition by subject order by happened_at desc, attribute desc nulls last) as from_last
  from occurrences
  where subject is not null and happened_at <= cast('{{ var("as_of") }}' as timestamp with time zone)
)
select
  subject as "{{ var('key') }}",
  min(happened_at) as first_at,
  max(case when from_first = 1 then attribute end) as "first_{{ var('value') }}",
  max(happened_at) as last_at,
  max(case when from_last = 1 then attribute end) as "last_{{ var('value') }}",
  count(*) as events
from ranked
group by subject
