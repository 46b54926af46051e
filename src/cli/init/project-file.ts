/** millrace.yml of a new project: dev and ci on DuckDB over the sample data; prod where the data is, if that is another warehouse. */
export type InitWarehouse = "duckdb" | "bigquery" | "snowflake";

export function projectFile(name: string, warehouse: InitWarehouse): string {
  return `version: 1
name: ${name}
default_environment: dev
environments:
  dev: # DuckDB over the sample data of seeds/; needs no account and no network
    warehouse: { type: duckdb, seeds: seeds/ }
  ci: # the same in memory; whatever a destination is, files are written instead
    warehouse: { type: duckdb, path: ":memory:", seeds: seeds/ }
    destinations: { "*": { use: file } }
${prod[warehouse]}guards: { shrink: 20%, growth: 100%, remove: { share: 15%, min: 20 } }
`;
}

const prod: Readonly<Record<InitWarehouse, string>> = {
  duckdb: "",
  bigquery: `  prod: # BigQuery: \`millrace grants -e prod --to ACCOUNT\` prints the grants, \`millrace doctor -e prod\` checks them
    prod: true
    warehouse:
      type: bigquery
      connection:
        project: "\${env:GCP_PROJECT}" # runs and pays for the statements, and has the ledger
        location: EU # where the tables are
        # Signs in as this machine: gcloud auth application-default login. Elsewhere by a service account's key:
        # credentials: "\${file:/run/secrets/gcp.json}"
      max_bytes_billed: 50GB # no statement may read more
    # journal: warehouse # for runners whose disk is gone with them
`,
  snowflake: `  prod: # Snowflake: \`millrace grants -e prod\` prints the grants, \`millrace doctor -e prod\` checks them
    prod: true
    warehouse:
      type: snowflake
      connection:
        account: "\${env:SNOWFLAKE_ACCOUNT}" # organization, a hyphen, account
        user: "\${env:SNOWFLAKE_USER}" # of TYPE = SERVICE, with the public half of the key
        private_key: "\${env:SNOWFLAKE_PRIVATE_KEY}" # the whole PEM text, or "\${file:/run/secrets/snowflake.p8}"
      database: ANALYTICS # where the tables are, and the ledger
      warehouse: MILLRACE_XS
      role: MILLRACE
    # journal: warehouse # for runners whose disk is gone with them
`,
};
