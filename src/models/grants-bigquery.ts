/**
 * BigQuery's roles, as statements of its SQL: cloud.google.com/bigquery/docs/reference/standard-sql/data-control-language.
 * Names of roles: cloud.google.com/bigquery/docs/access-control (unverified).
 */
import { bigqueryDialect } from "../warehouse/bigquery-dialect.ts";
import type { Grantee, GrantWords } from "./grants.ts";

const { quote, literal } = bigqueryDialect;
/** As people write it: one pair of backquotes. */
const path = (...parts: readonly string[]): string => quote(parts.join("."));

export function bigqueryGrants({ to, connection }: Grantee): GrantWords {
  const member = memberOf(to);
  const { project = "", location, impersonate } = connection;
  const grant = (role: string, on: string): string => `GRANT \`roles/bigquery.${role}\` ON ${on} TO "${member}";`;
  return {
    account: () => [
      { for: "account", subject: "statements", sql: grant("jobUser", `PROJECT ${path(project)}`) },
      {
        for: "account",
        subject: "reads over the Storage API",
        sql: grant("readSessionUser", `PROJECT ${path(project)}`),
      },
    ],
    read: ({ parts, subject }) => [{ for: "reads", subject, sql: grant("dataViewer", `TABLE ${path(...parts)}`) }],
    own: ({ kind, place, writes }) =>
      [
        `CREATE SCHEMA IF NOT EXISTS ${path(...place)}${location === undefined ? "" : ` OPTIONS (location = ${literal(location)})`};`,
        grant(writes ? "dataEditor" : "dataViewer", `SCHEMA ${path(...place)}`),
      ].map((sql) => ({ for: kind, subject: `dataset ${place[1]}`, sql })),
    notes: ({ reads }) => [
      `instead of the three CREATE SCHEMA, millrace can make them: ${grant("user", `PROJECT ${path(project)}`)}`,
      "readSessionUser is needed only with the package @google-cloud/bigquery-storage; without it, or without the role, large results come page by page",
      ...(reads.length === 0
        ? []
        : [
            "where one of the tables is a view: ON VIEW; the account also needs to read what the view reads, or the view is authorized there",
          ]),
      ...(reads.some(({ by }) => by === "dbt")
        ? [
            `dbt replaces the tables that it builds, and roles on them may be gone then: set dbt's \`grants: { roles/bigquery.dataViewer: ["${member}"] }\``,
          ]
        : []),
      ...(impersonate === undefined
        ? []
        : [
            `who works in its name needs roles/iam.serviceAccountTokenCreator on ${impersonate}: gcloud iam service-accounts add-iam-policy-binding ${impersonate} --role roles/iam.serviceAccountTokenCreator --member …`,
          ]),
    ],
  };
}

/** `serviceAccount:…`; what has a kind already stays as it is. */
function memberOf(to: string): string {
  if (/^(serviceAccount|user|group|domain|principal|principalSet):/.test(to)) return to;
  return `${to.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user"}:${to}`;
}
