-- Who should be where, straight from the shop's raw tables and written apart from the project's models and rules.
-- In: schema shop, variable as_of (timestamp, UTC). Out: temp tables `member` (audience, id) and `wanted` (sync, id, identifiers, fields).
create or replace temp table account as
select customer_id as account, lower(trim(email)) as mail, * exclude (customer_id, email) from shop.customers;

create or replace temp table person as
select a.*, a.account as id from account a
where a.mail is null or not exists (select 1 from account older where older.mail = a.mail and older.account < a.account);

create or replace temp table owner as
select a.account, p.id from account a join person p on p.id = a.account or p.mail = a.mail;

create or replace temp table bought as
select owner.id, o.ordered_at, o.refunded_at, o.status,
  (select sum(i.quantity * i.unit_price) from shop.order_items i where i.order_id = o.order_id) as total,
  exists (select 1 from shop.order_items i join shop.products p using (product_id) where i.order_id = o.order_id and p.category = 'laptop') as laptop
from shop.orders o join owner on owner.account = o.customer_id
where o.status in ('paid', 'refunded');

create or replace temp table face as
select
  p.id, p.mail, p.created_at, p.city, trim(p.last_name) as family,
  concat(upper(trim(p.first_name)[1]), lower(trim(p.first_name)[2:])) as given,
  p.first_name is null as nameless,
  case when p.phone is not null then '+33' || regexp_extract(regexp_replace(p.phone, '\D', '', 'g'), '639\d{6}$') end as tel,
  upper(trim(p.country)) as land,
  coalesce((select sum(total) from bought b where b.id = p.id and b.status = 'paid'), 0)::decimal(38, 2) as worth,
  (select count(*) from bought b where b.id = p.id) as purchases,
  (select max(ordered_at) from bought b where b.id = p.id) as latest,
  coalesce(p.mail like '%@staff.%', false) as works_here,
  exists (select 1 from shop.newsletter_signups s where lower(trim(s.email)) = p.mail and s.unsubscribed_at is null) as reads,
  coalesce((
    select c.granted from shop.consents c join owner w on w.account = c.customer_id
    where w.id = p.id and c.purpose = 'ads' order by c.changed_at desc limit 1
  ), false) as ads
from person p;

create or replace temp table member as
with best as (
  select f.id from face f
  where f.land in ('FR', 'BE', 'DE') and f.worth >= 2500 and f.mail is not null and f.ads and not f.works_here
    and not exists (
      select 1 from bought b
      where b.id = f.id and b.status = 'refunded' and b.refunded_at >= getvariable('as_of') - interval 30 days and b.refunded_at <= getvariable('as_of')
    )
  order by f.worth desc, f.id
  limit 80
), lapsed as (
  select f.id from face f
  where f.latest < getvariable('as_of') - interval 180 days
    and f.worth >= 200 and f.worth <= 8000
    -- Midnight of 1 October in Paris.
    and f.created_at < timestamp '2025-09-30 22:00:00' and f.created_at > getvariable('as_of') - interval 2 years
    and coalesce(f.land, '') <> 'NL' and not f.works_here
    and (f.reads or (select count(*) from bought b where b.id = f.id and b.ordered_at >= getvariable('as_of') - interval 3 years) >= 2)
), shoppers as (
  select f.id from face f
  where (
      select count(*) from shop.visits v join owner w on w.account = v.customer_id
      where w.id = f.id and v.page in ('/laptops', '/laptops/feather-13', '/laptops/forge-16') and v.visited_at >= getvariable('as_of') - interval 14 days
    ) >= 2
    and (select max(v.visited_at) from shop.visits v join owner w on w.account = v.customer_id where w.id = f.id) >= getvariable('as_of') - interval 5 days
    and not exists (select 1 from bought b where b.id = f.id and b.laptop and b.ordered_at >= getvariable('as_of') - interval 30 days)
    and f.purchases < 5 and (f.city is null or f.city <> 'Lyon') and (f.mail is not null or f.tel is not null)
    and f.id not in (select id from best) and not f.works_here
), calls as (
  select f.id from face f
  where f.tel is not null and not f.works_here and f.id not in (select id from lapsed)
    and (select min(b.ordered_at) from bought b where b.id = f.id) >= getvariable('as_of') - interval 90 days
)
select 'high_value_eu' as audience, id from best
union all select 'lapsed_buyers', id from lapsed
union all select 'laptop_window_shoppers', id from shoppers
union all select 'call_back', id from calls;

create or replace temp table wanted as
select 'high_value_eu_to_crm' as sync, id, {'email': mail, 'phone': tel}::json as identifiers,
  {'first_name': case when not nameless then given end, 'lifetime_value': worth::varchar}::json as fields
from face where id in (select id from member where audience = 'high_value_eu')
union all
select 'lapsed_buyers_to_exports', id, {'email': mail, 'phone': tel}::json,
  {'country': land, 'greeting': 'Bonjour ' || case when nameless then 'à vous' else given end}::json
from face where id in (select id from member where audience = 'lapsed_buyers')
union all
select 'window_shoppers_to_crm', id, {'email': mail, 'phone': tel}::json, {'first_name': case when not nameless then given end, 'interest': 'laptops'}::json
from face where id in (select id from member where audience = 'laptop_window_shoppers')
union all
select 'call_back_to_exports', id, {'phone': tel}::json, {'first_name': case when not nameless then given end}::json
from face where id in (select id from member where audience = 'call_back')
union all
select 'customers_to_crm', id, {'email': mail, 'phone': tel}::json,
  {'name': case when nameless then '' else given end || ' ' || family, 'country': land, 'lifetime_value': worth::varchar, 'orders': purchases}::json
from face;
