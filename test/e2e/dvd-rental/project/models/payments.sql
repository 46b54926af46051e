-- Payment dates of this export are shifted to 2007: a payment counts when its rental began.
select p.payment_id, r.customer_id, r.rented_at as paid_at, cast(p.amount as decimal(10, 2)) as amount
from {{ source('dvd', 'payment') }} p
join {{ ref('rentals') }} r on r.rental_id = p.rental_id
