/** The connection to BigQuery or Snowflake that an environment describes; secrets are resolved here. */
import { failure } from "../errors.ts";
import type { Json } from "../core.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import { resolveSecrets } from "../project/secrets.ts";
import type { BigQueryCredentials } from "../warehouse/bigquery-client.ts";
import type { SnowflakeAuthentication } from "../warehouse/snowflake-options.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";

export type RemoteSpec = BigQuerySpec | SnowflakeSpec;

type Connection = Readonly<Record<string, Json | undefined>>;
type Env = Readonly<Record<string, string | undefined>>;

/** What the names of its schemas stand in: BigQuery's project, which may be `${env:…}` there, or Snowflake's database. */
export const remoteTop = (project: Project, spec: RemoteSpec, env: Env): string =>
  spec.type === "bigquery" ? textOf(resolvedConnection(project, spec, env), "project") : spec.database;

/** Opens it, marked with the project's name. E334 where a secret is missing, E719 where its package is. */
export async function openRemote(project: Project, spec: RemoteSpec, env: Env): Promise<Warehouse> {
  const connection = resolvedConnection(project, spec, env);
  const common = { projectFolder: project.root, labels: { project: project.name }, ...endpointOf(connection) };
  if (spec.type === "bigquery") {
    const { openBigQuery } = await import("../warehouse/bigquery.ts");
    return openBigQuery({
      ...common,
      project: textOf(connection, "project"),
      credentials: googleCredentials(connection),
      ...optional(connection, "location"),
      ...(spec.dataset === undefined ? {} : { dataset: spec.dataset }),
      ...(spec.max_bytes_billed === undefined ? {} : { maximumBytesBilled: spec.max_bytes_billed }),
    });
  }
  const { openSnowflake } = await import("../warehouse/snowflake.ts");
  return openSnowflake({
    ...common,
    account: textOf(connection, "account"),
    user: textOf(connection, "user"),
    authentication: snowflakeAuthentication(connection),
    database: spec.database,
    ...(spec.warehouse === undefined ? {} : { warehouse: spec.warehouse }),
    ...(spec.role === undefined ? {} : { role: spec.role }),
  });
}

function resolvedConnection(project: Project, spec: RemoteSpec, env: Env): Connection {
  const subject = `the warehouse of environment "${project.environment.name}"`;
  return resolveSecrets(spec.connection as Json, { env, root: project.root, subject }).resolved as Connection;
}

/** Absent: whom the machine is signed in as; with `endpoint`, an emulator's, nobody. */
function googleCredentials(connection: Connection): BigQueryCredentials {
  const { credentials, impersonate, endpoint } = connection;
  const key = typeof credentials === "string" ? (JSON.parse(credentials) as Record<string, unknown>) : undefined;
  if (typeof impersonate === "string")
    return { kind: "impersonation", account: impersonate, ...(key === undefined ? {} : { key }) };
  if (key !== undefined) return { kind: "key", key };
  return endpoint === undefined ? { kind: "default" } : { kind: "none" };
}

function snowflakeAuthentication(connection: Connection): SnowflakeAuthentication {
  const { private_key: privateKey, token } = connection;
  if (typeof privateKey === "string") return { kind: "key_pair", privateKey, ...optional(connection, "passphrase") };
  if (typeof token === "string") return { kind: "oauth", token };
  return { kind: "password", password: textOf(connection, "password") };
}

const endpointOf = (connection: Connection): { readonly endpoint?: string } => optional(connection, "endpoint");

function optional<Name extends string>(connection: Connection, name: Name): { readonly [K in Name]?: string } {
  const value = connection[name];
  return (typeof value === "string" ? { [name]: value } : {}) as { readonly [K in Name]?: string };
}

function textOf(connection: Connection, name: string): string {
  const value = connection[name];
  if (typeof value === "string" && value !== "") return value;
  throw failure("E105", `connection.${name} of the warehouse is missing`);
}
