-- Accounts with one e-mail are one person: the oldest stands for all of them.
select
  id as user_id,
  case
    when nullif(trim(email), '') is null then id
    else min(id) over (partition by lower(trim(email)))
  end                                 as customer_id,
  trim(first_name)                    as first_name,
  trim(last_name)                     as last_name,
  nullif(lower(trim(email)), '')      as email,
  age,
  gender,
  city,
  postal_code,
  case country
    when 'United States' then 'US'
    when 'United Kingdom' then 'GB'
    when 'France' then 'FR'
    when 'Germany' then 'DE'
    when 'Deutschland' then 'DE'
    when 'Spain' then 'ES'
    when 'España' then 'ES'
    when 'Belgium' then 'BE'
    when 'Austria' then 'AT'
    when 'Poland' then 'PL'
    when 'Brasil' then 'BR'
    when 'Colombia' then 'CO'
    when 'China' then 'CN'
    when 'Japan' then 'JP'
    when 'South Korea' then 'KR'
    when 'Australia' then 'AU'
  end                                 as country,
  traffic_source,
  created_at                          as signed_up_at
from {{ source('thelook', 'users') }}
