{# One row per key and session: events follow each other within a session as long as no gap is longer than the one given. #}
with occurrences as (
  select
    "{{ var('key') }}" as subject,
    cast("{{ var('at') }}" as timestamp with time zone) as happened_at
  from {{ ref('events') }}
),
marked as (
  select
    subject,
    happened_at,
    case
      when happened_at <= lag(happened_at) over (partition by subject order by happened_at) + interval '{{ var("gap") }}'
        then 0
      else 1
    end as starts
  from occurrences
  where subject is not null and happened_at <= cast('{{ var("as_of") }}' as timestamp with time zone)
),
numbered as (
  select
    subject,
    happened_at,
    sum(starts) over (partition by subject order by happened_at rows unbounded preceding) as session_number
  from marked
)
select
  subject as "{{ var('key') }}",
  cast(session_number as bigint) as session_number,
  min(happened_at) as started_at,
  max(happened_at) as ended_at,
  count(*) as events,
  cast(extract(epoch from (max(happened_at) - min(happened_at))) as bigint) as seconds,
  row_number() over (partition by subject order by session_number desc) = 1 as is_latest
from numbered
group by subject, session_number
