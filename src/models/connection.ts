/** `connection:` of an environment in BigQuery or Snowflake: its secrets resolved, or what of it is no secret. */
import type { Json } from "../core.ts";
import { failure, MillraceError } from "../errors.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import { connectionSecrets, resolveSecrets } from "../project/secrets.ts";
import { googleKey } from "./google-key.ts";

export type RemoteSpec = BigQuerySpec | SnowflakeSpec;
type Env = Readonly<Record<string, string | undefined>>;

/** Texts by their key, and nothing else. */
export type Connection = Readonly<Record<string, string | undefined>>;

/** With every secret. E334 where one is not set. */
export function connectionOf(project: Project, spec: RemoteSpec, env: Env): Connection {
  return textsOf(resolved(project, spec.connection as Json, env));
}

/** Project, location, account, user, impersonate: absent too where a variable that stands for one is not set here. */
export function openConnection(project: Project, { connection }: RemoteSpec, env: Env): Connection {
  const open = Object.entries(connection).filter(([key]) => !connectionSecrets.includes(key));
  return Object.fromEntries(
    open.map(([key, value]) => [key, quietly(() => resolved(project, value, env))]).filter(isText),
  );
}

/** The project or database in which millrace's own schemas are. E334 where a variable that stands for the project is not set. */
export function remoteTop(project: Project, spec: RemoteSpec, env: Env): string {
  if (spec.type === "snowflake") return spec.database;
  return textOf(textsOf({ project: resolved(project, spec.connection["project"] as Json, env) }), "project");
}

/** Whom to grant: the role; the service account that is impersonated or whose key it is. Null where nobody is named. */
export function granteeOf(project: Project, spec: RemoteSpec, env: Env): string | null {
  if (spec.type === "snowflake") return spec.role ?? null;
  const { impersonate } = openConnection(project, spec, env);
  if (impersonate !== undefined) return impersonate;
  const { credentials } = spec.connection;
  if (credentials === undefined) return null;
  const email = quietly(() => googleKey(String(resolved(project, credentials, env)))["client_email"] as Json);
  return typeof email === "string" ? email : null;
}

/** E105 for a key that is not there, as with a variable that is empty. */
export function textOf(connection: Connection, name: string): string {
  const value = connection[name];
  if (value !== undefined && value !== "") return value;
  throw failure("E105", `connection.${name} of the warehouse is missing`);
}

function resolved(project: Project, value: Json, env: Env): Json {
  const subject = `the warehouse of environment "${project.environment.name}"`;
  return resolveSecrets(value, { env, root: project.root, subject }).resolved;
}

/** Without what a user can mend: it is told by who needs it. */
function quietly(look: () => Json): Json | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return undefined;
  }
}

function textsOf(value: Json): Connection {
  return Object.fromEntries(Object.entries(value as Record<string, Json>).filter(isText));
}

const isText = (entry: readonly unknown[]): entry is [string, string] => typeof entry[1] === "string";
