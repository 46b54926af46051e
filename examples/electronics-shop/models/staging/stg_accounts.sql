select
  customer_id,
  -- " ADA" is Ada.
  upper(left(trim(first_name), 1)) || lower(substr(trim(first_name), 2)) as first_name,
  trim(last_name)                as last_name,
  nullif(lower(trim(email)), '') as email,
  -- Five spellings of one French number end in the same nine digits.
  '+33' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) as phone,
  upper(trim(country))           as country,
  city,
  created_at
from {{ source('shop', 'customers') }}
