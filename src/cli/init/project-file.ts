/** millrace.yml of a new project: dev and ci on DuckDB over the sample data. */
export function projectFile(name: string): string {
  return `version: 1
name: ${name}
default_environment: dev
environments:
  dev: # DuckDB over the sample data of seeds/; needs no account and no network
    warehouse: { type: duckdb, seeds: seeds/ }
  ci: # the same in memory; whatever a destination is, files are written instead
    warehouse: { type: duckdb, path: ":memory:", seeds: seeds/ }
    destinations: { "*": { use: file } }
guards: { shrink: 20%, growth: 100%, remove: { share: 15%, min: 20 } }
`;
}
