-- As stg_customers.sql, in Snowflake's own words where the two differ: days are added by DATEADD.
select
  c_customer_id                                                              as customer_id,
  c_current_addr_sk                                                          as account_id,
  nullif(trim(c_salutation), '')                                             as salutation,
  nullif(trim(c_first_name), '')                                             as first_name,
  nullif(trim(c_last_name), '')                                              as last_name,
  nullif(lower(trim(c_email_address)), '')                                   as email,
  coalesce(c_preferred_cust_flag, 'N') = 'Y'                                 as preferred,
  c_birth_month                                                              as birth_month,
  c_birth_year                                                               as birth_year,
  c_birth_country                                                            as birth_country,
  dateadd(day, c_first_sales_date_sk - 2440588, date '1970-01-01')           as first_sold_on,
  dateadd(day, cast(c_last_review_date as integer) - 2440588, date '1970-01-01') as last_reviewed_on
from {{ source('tpcds', 'customer') }}
where c_customer_sk <= {{ var('customers') }}
