-- Days are Julian day numbers there (2440588 is 1970-01-01), names are padded, anything may be NULL.
select
  c_customer_id                                                           as customer_id,
  c_current_addr_sk                                                       as account_id,
  nullif(trim(c_salutation), '')                                          as salutation,
  nullif(trim(c_first_name), '')                                          as first_name,
  nullif(trim(c_last_name), '')                                           as last_name,
  nullif(lower(trim(c_email_address)), '')                                as email,
  coalesce(c_preferred_cust_flag, 'N') = 'Y'                              as preferred,
  c_birth_month                                                           as birth_month,
  c_birth_year                                                            as birth_year,
  c_birth_country                                                         as birth_country,
  date '1970-01-01' + cast(c_first_sales_date_sk - 2440588 as integer)    as first_sold_on,
  date '1970-01-01' + (cast(c_last_review_date as integer) - 2440588)     as last_reviewed_on
from {{ source('tpcds', 'customer') }}
where c_customer_sk <= {{ var('customers') }}
