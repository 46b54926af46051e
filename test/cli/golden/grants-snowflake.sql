-- Environment snowflake, Snowflake: all that MILLRACE needs there.
-- To be run by who owns these things. Names of privileges and roles are the vendor's as documented (unverified).

-- to sign in and run statements
GRANT ROLE MILLRACE TO USER "svc millrace"; -- user
GRANT USAGE ON WAREHOUSE MILLRACE_XS TO ROLE MILLRACE; -- warehouse
GRANT USAGE ON DATABASE "DWH" TO ROLE MILLRACE; -- database

-- to read what the project reads
GRANT USAGE ON SCHEMA "DWH"."CRM" TO ROLE MILLRACE; -- source crm.contacts
GRANT SELECT ON TABLE "DWH"."CRM"."CONTACTS" TO ROLE MILLRACE;
GRANT USAGE ON SCHEMA "DWH"."FINANCE" TO ROLE MILLRACE; -- models/customers.sql
GRANT SELECT ON TABLE "DWH"."FINANCE"."INVOICES" TO ROLE MILLRACE;
GRANT USAGE ON SCHEMA "DWH"."RAW_SHOP" TO ROLE MILLRACE; -- source shop.customers
GRANT SELECT ON TABLE "DWH"."RAW_SHOP"."CUSTOMERS" TO ROLE MILLRACE;
GRANT USAGE ON DATABASE "LAKE" TO ROLE MILLRACE; -- source logs.visits
GRANT USAGE ON SCHEMA "LAKE"."WEB" TO ROLE MILLRACE;
GRANT SELECT ON TABLE "LAKE"."WEB"."VISITS" TO ROLE MILLRACE;

-- the ledger: what destinations hold
CREATE SCHEMA IF NOT EXISTS "DWH"."MILLRACE"; -- schema millrace
GRANT USAGE, CREATE TABLE ON SCHEMA "DWH"."MILLRACE" TO ROLE MILLRACE;

-- the place of models that are built as tables
CREATE SCHEMA IF NOT EXISTS "DWH"."MILLRACE_MODELS"; -- schema millrace_models
GRANT USAGE, CREATE TABLE ON SCHEMA "DWH"."MILLRACE_MODELS" TO ROLE MILLRACE;

-- tables of a run, dropped at its end
CREATE SCHEMA IF NOT EXISTS "DWH"."MILLRACE_SCRATCH"; -- schema millrace_scratch
GRANT USAGE, CREATE TABLE ON SCHEMA "DWH"."MILLRACE_SCRATCH" TO ROLE MILLRACE;

-- instead of the three CREATE SCHEMA, millrace can make them: GRANT CREATE SCHEMA ON DATABASE "DWH" TO ROLE MILLRACE;
-- where one of the tables is a view: GRANT SELECT ON VIEW, with the same name
-- models/customers.sql names a table by a variable: grant that one too, or read it by source()
