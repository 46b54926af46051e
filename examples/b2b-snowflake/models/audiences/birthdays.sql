select customer_id
from {{ ref('contacts') }}
where preferred and birth_month = extract(month from cast('{{ var("as_of") }}' as timestamp))
