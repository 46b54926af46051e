-- Environment bigquery, BigQuery: all that millrace@acme-dwh.iam.gserviceaccount.com needs there.
-- To be run by who owns these things. Names of privileges and roles are the vendor's as documented (unverified).

-- to sign in and run statements
GRANT `roles/bigquery.jobUser` ON PROJECT `acme-dwh` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- statements
GRANT `roles/bigquery.readSessionUser` ON PROJECT `acme-dwh` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- reads over the Storage API

-- to read what the project reads
GRANT `roles/bigquery.dataViewer` ON TABLE `acme-dwh.Finance.Invoices` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- models/customers.sql
GRANT `roles/bigquery.dataViewer` ON TABLE `acme-dwh.crm.contacts` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- source crm.contacts
GRANT `roles/bigquery.dataViewer` ON TABLE `acme-dwh.raw_shop.customers` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- source shop.customers
GRANT `roles/bigquery.dataViewer` ON TABLE `lake.web.visits` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com"; -- source logs.visits

-- the ledger: what destinations hold
CREATE SCHEMA IF NOT EXISTS `acme-dwh.millrace` OPTIONS (location = 'EU'); -- dataset millrace
GRANT `roles/bigquery.dataEditor` ON SCHEMA `acme-dwh.millrace` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com";

-- the place of models that are built as tables
CREATE SCHEMA IF NOT EXISTS `acme-dwh.millrace_models` OPTIONS (location = 'EU'); -- dataset millrace_models
GRANT `roles/bigquery.dataEditor` ON SCHEMA `acme-dwh.millrace_models` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com";

-- tables of a run, dropped at its end
CREATE SCHEMA IF NOT EXISTS `acme-dwh.millrace_scratch` OPTIONS (location = 'EU'); -- dataset millrace_scratch
GRANT `roles/bigquery.dataEditor` ON SCHEMA `acme-dwh.millrace_scratch` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com";

-- instead of the three CREATE SCHEMA, millrace can make them: GRANT `roles/bigquery.user` ON PROJECT `acme-dwh` TO "serviceAccount:millrace@acme-dwh.iam.gserviceaccount.com";
-- readSessionUser is needed only with the package @google-cloud/bigquery-storage; without it, or without the role, large results come page by page
-- where one of the tables is a view: ON VIEW; the account also needs to read what the view reads, or the view is authorized there
-- models/customers.sql names a table by a variable: grant that one too, or read it by source()
