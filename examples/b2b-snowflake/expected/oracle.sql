-- Who should be where, straight from the table and written apart from the project's models and rules.
-- In: schema tpcds with its table, variable as_of (timestamptz). Out: temp table `wanted` (sync, key, identifiers, fields).
create or replace temp table face as
select c_customer_id as id, c_customer_sk as sk, c_current_addr_sk as place, rtrim(c_salutation) as title, rtrim(c_first_name) as given,
  rtrim(c_last_name) as family, lower(c_email_address) as mail, c_preferred_cust_flag is not distinct from 'Y' as preferred, c_birth_month as month,
  to_timestamp((c_first_sales_date_sk - 2440588) * 86400.0) as sold, to_timestamp((c_last_review_date::integer - 2440588) * 86400.0) as seen
from tpcds.customer where c_email_address is not null;

-- Nobody else with this mailbox was seen later, or as late with a smaller id.
create or replace temp table contact as
select f.* from face f
where not exists (
  select 1 from face o
  where o.mail = f.mail and o.id <> f.id
    and (coalesce(o.seen > f.seen, f.seen is null and o.seen is not null) or (o.seen is not distinct from f.seen and o.id < f.id))
);

create or replace temp table account as
select place, count(*) as people, count(*) filter (preferred) as preferred, min(sold) as since, max(seen) as seen
from contact where place is not null group by place;

create or replace temp table lead as
select place, (list(c order by not preferred, sold is null, sold, id))[1] as c from contact c where place is not null group by place;

create or replace temp table celebrating as
select id from contact where preferred and month = month(getvariable('as_of') at time zone 'UTC');

create or replace temp table wanted as
select 'accounts_to_salesforce' as sync, place::json as key, '{}'::json as identifiers,
  {'Contacts__c': people, 'Preferred_Contacts__c': preferred, 'Customer_Since__c': strftime(since at time zone 'UTC', '%Y-%m-%d')}::json as fields
from account
union all
select 'contacts_to_salesforce', to_json(id), '{}'::json,
  {'Salutation': title, 'FirstName': given, 'LastName': coalesce(family, 'unknown'), 'Email': mail, 'Account.Address_Id__c': place}::json
from contact
union all
(select 'key_accounts_to_salesforce', place::json, '{}'::json, '{"Tier__c":"key"}'::json
from account where preferred >= 2 order by people desc, place limit 150)
union all
select 'leads_to_hubspot', lead.place::json, {'email': c.mail}::json, {'firstname': c.given, 'lastname': c.family}::json
from lead join account using (place)
where (account.preferred >= 2 and people >= 3) or since between getvariable('as_of') - interval 1 year and getvariable('as_of')
union all
select 'birthdays_to_hubspot', to_json(id), {'email': mail}::json, {'firstname': given}::json from contact semi join celebrating using (id)
union all
select 'quiet_contacts_to_hubspot', to_json(c.id), {'email': mail}::json,
  {'firstname': given, 'last_review': strftime(c.seen at time zone 'UTC', '%Y-%m-%d')}::json
from contact c join account a using (place)
where c.sold < getvariable('as_of') - interval 2 years and a.seen < getvariable('as_of') - interval 180 days
  and c.id not in (select id from celebrating);
