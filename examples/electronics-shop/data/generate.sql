-- The shop's tables as they stand after day N (`set variable day = N` before this file): schema shop, all people invented.
-- Nothing is random: every choice is a roll of dice keyed by a name and an id, so day 2 is day 1 plus what happened since.
-- Phones are of the range that France keeps for fiction (06 39 98 xx xx), addresses of example.com, .org and .net.
create schema if not exists shop;

create or replace temp macro roll(dice, id, sides) as (md5_number_lower('electronics-shop|' || dice || '|' || id) % sides)::bigint;
create or replace temp macro pick(items, dice, id) as items[1 + roll(dice, id, len(items))];
create or replace temp macro opening() as timestamp '2026-03-01';
-- Everything that happened before this moment is in the tables.
create or replace temp macro closing() as opening() + to_days(getvariable('day')::integer);

create or replace temp table people as
with accounts as (
  select
    id as customer_id,
    -- Every 25th account is somebody who had one already.
    case when id % 25 = 0 then id - 7 else id end as person,
    -- The first 600 came in the two years before day 1, twenty more on each day from day 2 on.
    case
      when id <= 600 then timestamp '2024-03-01' + to_seconds(roll('created', id, 730 * 86400))
      else opening() + to_days(cast(1 + (id - 601) // 20 as integer)) + to_seconds(roll('created', id, 80000))
    end as created_at
  from range(1, 601 + 20 * (getvariable('day')::bigint - 1)) as numbers (id)
)
select
  *,
  pick(['Ada', 'Bruno', 'Chloé', 'Dirk', 'Elif', 'Farid', 'Greta', 'Hugo', 'Inès', 'Jonas', 'Katrien', 'Léo', 'Mina', 'Noor', 'Otto', 'Paula'], 'first', person) as given,
  pick(['Aubert', 'Bakker', 'Claes', 'Dubois', 'Ehlers', 'Faure', 'Girard', 'Hendriks', 'Imhof', 'Janssens', 'Keller', 'Lambert', 'Maes', 'Neumann'], 'last', person) as family,
  pick(['FR', 'FR', 'FR', 'BE', 'BE', 'DE', 'NL'], 'country', person) as home,
  opening() + to_days(cast(1 + roll('moved day', person, 3) as integer)) + to_hours(cast(8 + roll('moved hour', person, 10) as integer)) as moves_at
from accounts;

create or replace table shop.customers as
with addressed as (
  select
    *,
    lower(strip_accents(given)) || '.' || lower(family) || '.' || person
      || case
           when roll('staff', person, 40) = 0 then '@staff.example.com'
           -- One in fifty gets a new address on day 2, 3 or 4.
           when roll('moved', person, 50) = 0 and moves_at < closing() then '@new.example.net'
           else pick(['@example.com', '@example.org', '@example.net'], 'domain', person)
         end as address,
    -- 7919 shares no factor with 10,000: no two people get one number.
    lpad(cast(person * 7919 % 10000 as varchar), 4, '0') as line
  from people
)
select
  customer_id,
  case when roll('nameless', person, 15) = 0 then null when roll('first spelling', customer_id, 9) = 0 then ' ' || upper(given) else given end as first_name,
  family as last_name,
  case
    when roll('no email', person, 30) = 0 then null
    else case roll('email spelling', customer_id, 7)
      when 0 then upper(address)
      when 1 then '  ' || address
      when 2 then address || ' '
      when 3 then upper(left(address, 1)) || substr(address, 2)
      else address
    end
  end as email,
  case
    when roll('no phone', person, 4) = 0 then null
    else case roll('phone spelling', customer_id, 5)
      when 0 then '+33 6 39 98 ' || left(line, 2) || ' ' || right(line, 2)
      when 1 then '003363998' || line
      when 2 then '06 39 98 ' || left(line, 2) || ' ' || right(line, 2)
      when 3 then '06.39.98.' || left(line, 2) || '.' || right(line, 2)
      else '(+33) 0639-98-' || line
    end
  end as phone,
  case when roll('no country', person, 20) = 0 then null when roll('country spelling', customer_id, 8) = 0 then ' ' || lower(home) else home end as country,
  pick(['Lille', 'Lyon', 'Nantes', 'Ghent', 'Liège', 'Cologne', 'Utrecht', null], 'city', person) as city,
  created_at,
  case when roll('moved', person, 50) = 0 and moves_at < closing() then greatest(moves_at, created_at) else created_at end as updated_at
from addressed
where created_at < closing()
  -- One account in forty is closed on day 2, 3 or 4: its row is gone.
  and not (roll('closed', customer_id, 40) = 0 and getvariable('day') >= 2 + roll('closed day', customer_id, 3))
order by customer_id;

create or replace table shop.products as
select * from (values
  ('LT-13', 'Feather 13', 'laptop', 899.00::decimal(10, 2)), ('LT-14', 'Feather 14 Pro', 'laptop', 1299.00), ('LT-16', 'Forge 16', 'laptop', 1899.00),
  ('LT-17', 'Forge 17 Studio', 'laptop', 2499.00), ('LT-11', 'Pocket 11', 'laptop', 449.00), ('DK-01', 'Dock, twelve ports', 'accessory', 189.00),
  ('CH-65', 'Charger, 65 W', 'accessory', 39.90), ('BG-15', 'Sleeve, felt', 'accessory', 34.50), ('MN-27', 'Display 27', 'display', 329.00),
  ('HS-02', 'Headset, quiet', 'audio', 149.00), ('KB-05', 'Keyboard, low', 'accessory', 99.00), ('MS-03', 'Mouse, vertical', 'accessory', 59.00)
) as rows (product_id, product_name, category, price);

create or replace temp table all_orders as
select customer_id, customer_id * 100 + n as order_id,
  created_at + to_seconds(cast(roll('ordered', customer_id * 100 + n, greatest(epoch(opening() + interval 1 day - created_at)::bigint, 1)) as bigint)) as ordered_at
from people, range(0, 5) as numbers (n)
where n < roll('orders', customer_id, 6) and created_at < opening()
union all
select customer_id, customer_id * 100 + 50 + d, opening() + to_days(cast(d - 1 as integer)) + to_seconds(roll('order time', customer_id * 100 + 50 + d, 86400))
from people, range(2, getvariable('day')::bigint + 1) as days (d)
where created_at < opening() and roll('orders on day ' || d, customer_id, 14) = 0;

create or replace table shop.orders as
with refunds as (
  select *, case when roll('refund', order_id, 10) = 0 then ordered_at + to_hours(cast(30 + roll('refund hours', order_id, 500) as integer)) end as maybe_refunded_at
  from all_orders
)
select
  order_id, customer_id, ordered_at,
  case when roll('cancelled', order_id, 12) = 0 then 'cancelled' when maybe_refunded_at < closing() then 'refunded' else 'paid' end as status,
  case when roll('cancelled', order_id, 12) <> 0 and maybe_refunded_at < closing() then maybe_refunded_at end as refunded_at
from refunds
where ordered_at < closing()
order by order_id;

create or replace table shop.order_items as
select order_id, n + 1 as line, product_id, 1 + roll('quantity', order_id * 10 + n, 6) // 5 as quantity,
  round(price * (100 - 5 * roll('discount', order_id, 3)) / 100, 2)::decimal(10, 2) as unit_price
from shop.orders, range(0, 3) as numbers (n), shop.products
where n <= roll('lines', order_id, 3)
  and product_id = pick(['LT-13', 'LT-14', 'LT-16', 'LT-17', 'LT-11', 'DK-01', 'CH-65', 'BG-15', 'MN-27', 'HS-02', 'KB-05', 'MS-03'], 'product', order_id * 10 + n)
order by order_id, line;

create or replace table shop.visits as
select
  customer_id * 1000 + (d + 40) as visit_id,
  -- One visit in six is not logged in.
  case when roll('anonymous', customer_id * 1000 + d + 40, 6) = 0 then null else customer_id end as customer_id,
  visited_at,
  pick(['/laptops', '/laptops/feather-13', '/laptops/forge-16', '/displays', '/audio', '/cart', '/help', '/'], 'page', customer_id * 1000 + d + 40) as page
from (
  select customer_id, created_at, d, opening() + to_days(cast(d - 1 as integer)) + to_seconds(roll('visit time', customer_id * 1000 + d + 40, 86400)) as visited_at
  from people, range(-28, getvariable('day')::bigint + 1) as days (d)
  where roll('visits on day ' || d, customer_id, 7) = 0
)
where visited_at >= created_at and visited_at < closing()
order by visit_id;

create or replace table shop.newsletter_signups as
with signups as (
  select person as signup_id, email as address, created_at + to_seconds(roll('signed up', person, 40 * 86400)) as signed_up_at,
    opening() + to_days(cast(1 + roll('unsubscribed day', person, 3) as integer)) + to_hours(7) as late_unsubscribe,
    roll('unsubscribed', person, 8) as leaver
  from shop.customers join people using (customer_id, created_at)
  where customer_id = person and email is not null and roll('newsletter', person, 3) = 0
  union all
  select 100000 + n, 'reader.' || n || '@example.org', timestamp '2025-06-01' + to_days(cast(n as integer)), timestamp '2030-01-01', 1 from range(0, 25) as strangers (n)
)
select signup_id, address as email, signed_up_at,
  case
    when leaver = 0 then signed_up_at + to_days(20)
    when leaver = 2 and late_unsubscribe < closing() then greatest(late_unsubscribe, signed_up_at)
  end as unsubscribed_at
from signups
where signed_up_at < closing()
order by signup_id;

-- A log: the last row of a customer and purpose counts.
create or replace table shop.consents as
select customer_id, purpose, roll('granted ' || purpose, customer_id, 10) < 8 as granted, created_at as changed_at
from shop.customers, (values ('ads'), ('email')) as purposes (purpose)
union all
select customer_id, 'ads', false, withdrawn_at
from (
  select customer_id, opening() + to_days(cast(1 + roll('withdrawn day', customer_id, 3) as integer)) + to_hours(11) as withdrawn_at
  from shop.customers where roll('withdrawn', customer_id, 25) = 0 and created_at < opening()
)
where withdrawn_at < closing()
order by customer_id, purpose, changed_at;
