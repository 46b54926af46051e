/** The connection to BigQuery or Snowflake that an environment describes; secrets are resolved here. */
import { isLoopback } from "../warehouse/loopback.ts";
import type { Project } from "../project/project.ts";
import type { BigQueryCredentials } from "../warehouse/bigquery-client.ts";
import type { SnowflakeAuthentication } from "../warehouse/snowflake-options.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { connectionOf, textOf, type Connection, type RemoteSpec } from "./connection.ts";
import { googleKey } from "./google-key.ts";

/** Opens it, marked with the project's name. E334 where a secret is missing, E719 where its package is, E730 or E740 for a key that is none. */
export async function openRemote(
  project: Project,
  spec: RemoteSpec,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Warehouse> {
  const connection = connectionOf(project, spec, env);
  const common = {
    projectFolder: project.root,
    labels: { project: project.name },
    ...optional(connection, "endpoint"),
  };
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

/** Absent: whom the machine is signed in as; at an address of this machine, an emulator's, nobody. */
export function googleCredentials({ credentials, impersonate, endpoint }: Connection): BigQueryCredentials {
  const key = credentials === undefined ? undefined : googleKey(credentials);
  if (impersonate !== undefined)
    return { kind: "impersonation", account: impersonate, ...(key === undefined ? {} : { key }) };
  if (key !== undefined) return { kind: "key", key };
  return isLoopback(endpoint) ? { kind: "none" } : { kind: "default" };
}

function snowflakeAuthentication(connection: Connection): SnowflakeAuthentication {
  const { private_key: privateKey, token } = connection;
  if (privateKey !== undefined) return { kind: "key_pair", privateKey, ...optional(connection, "passphrase") };
  if (token !== undefined) return { kind: "oauth", token };
  return { kind: "password", password: textOf(connection, "password") };
}

function optional<Name extends string>(connection: Connection, name: Name): { readonly [K in Name]?: string } {
  const value = connection[name];
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in Name]?: string };
}
