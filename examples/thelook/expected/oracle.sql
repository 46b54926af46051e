-- Who should be where, straight from the tables and written apart from the project's models and rules.
-- In: schema thelook with its tables, variable as_of (timestamptz). Out: temp table `wanted` (sync, key, identifiers, fields).
create or replace temp table account as
select u.id as account, lower(trim(u.email)) as mail, u.* exclude (id, email),
  case
    when u.country in ('Germany', 'Deutschland') then 'DE'
    when u.country in ('Spain', 'España') then 'ES'
    else map {
      'United States': 'US', 'United Kingdom': 'GB', 'France': 'FR', 'Brasil': 'BR', 'China': 'CN', 'Japan': 'JP', 'Australia': 'AU'
    }[u.country]
  end as land
from thelook.users u;

create or replace temp table owner as
select account, coalesce((select min(o.account) from account o where o.mail = a.mail), a.account) as id from account a;

-- Pieces that were paid, in cents.
create or replace temp table bought as
select o.id, i.order_id, i.status = 'Returned' as sent_back, i.returned_at, i.created_at as ordered, p.department, p.brand,
  round(i.sale_price * 100)::bigint as cents
from thelook.order_items i join owner o on o.account = i.user_id join thelook.products p on p.id = i.product_id
where i.status in ('Complete', 'Processing', 'Shipped', 'Returned');

create or replace temp table person as
select a.account as id, a.mail, trim(a.first_name) as given, trim(a.last_name) as family, a.city, a.postal_code as zip, a.land,
  coalesce((select sum(cents) from bought b where b.id = a.account and not sent_back), 0) as cents,
  (select count(distinct order_id) from bought b where b.id = a.account) as orders,
  (select max(ordered) from bought b where b.id = a.account) as latest,
  (
    select count(*) from bought b
    where b.id = a.account and sent_back and returned_at between getvariable('as_of') - interval 1 year and getvariable('as_of')
  ) >= 3 as returner
from account a where exists (select 1 from owner o where o.account = a.account and o.id = a.account);

create or replace temp table lapsed as
select id from person
where orders >= 2 and cents >= 15000 and latest < getvariable('as_of') - interval 180 days
  and land in ('US', 'GB', 'FR', 'DE', 'ES') and mail <> '' and not returner;

create or replace temp table best as
select p.id from person p
where (select sum(cents) from bought b where b.id = p.id and b.department = 'Women' and not sent_back) >= 20000
  and latest >= getvariable('as_of') - interval 1 year and mail <> '' and not returner
order by p.cents desc, p.id limit 120;

create or replace temp table fans as
select distinct id from (select id, brand, count(*) as pieces from bought where not sent_back group by all)
where pieces >= 3 and id not in (select id from lapsed) and id in (select id from person where mail <> '');

-- A visit is of the person whose first click it has; it began with that click.
create or replace temp table carts as
select p.id from person p
where mail <> '' and not exists (
    select 1 from bought b where b.id = p.id and b.ordered between getvariable('as_of') - interval 5 days and getvariable('as_of')
  )
  and exists (
    select 1 from (
      select min(o.id) as id, min(e.created_at) as began, list(e.event_type) as clicks
      from thelook.events e join owner o on o.account = e.user_id group by e.session_id
    ) v
    where v.id = p.id and began between getvariable('as_of') - interval 5 days and getvariable('as_of')
      and list_contains(clicks, 'cart') and not list_contains(clicks, 'purchase')
  );

create or replace temp table wanted as
select 'customers_to_klaviyo' as sync, id as key, {'email': mail}::json as identifiers,
  {
    'first_name': given, 'last_name': family, 'location.country': land, 'lifetime_value': cents / 100, 'orders': orders,
    'last_order_at': strftime(latest at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')
  }::json as fields
from person where mail <> ''
union all
select 'abandoned_carts_to_klaviyo', id, {'email': mail}::json, {'first_name': given}::json from person semi join carts using (id)
union all
select 'brand_fans_to_klaviyo', id, {'email': mail}::json, {'first_name': given}::json from person semi join fans using (id)
union all
-- Google and Meta get SHA-256 of small letters; cities without spaces and accents, countries as two letters.
select 'lapsed_buyers_to_google', id, {'email': sha256(mail)}::json,
  {'given_name': sha256(lower(given)), 'family_name': sha256(lower(family)), 'region_code': land, 'postal_code': zip}::json
from person semi join lapsed using (id)
union all
select 'best_of_women_to_meta', id, {'email': sha256(mail)}::json,
  {
    'fn': sha256(lower(given)), 'ln': sha256(lower(family)), 'ct': sha256(strip_accents(lower(replace(city, ' ', '')))), 'country': sha256(lower(land))
  }::json
from person semi join best using (id);
