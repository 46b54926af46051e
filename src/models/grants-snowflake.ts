/** Snowflake's privileges; their names: docs.snowflake.com/en/user-guide/security-access-control-privileges (unverified). */
import type { SnowflakeSpec } from "../project/project.ts";
import { snowflakeDialect } from "../warehouse/snowflake-dialect.ts";
import type { Grantee, GrantWords } from "./grants.ts";

const { relation } = snowflakeDialect;

export function snowflakeGrants(
  { database, warehouse, ...spec }: SnowflakeSpec,
  { to, connection }: Grantee,
): GrantWords {
  const role = accountName(to);
  const grant = (what: string, on: string): string => `GRANT ${what} ON ${on} TO ROLE ${role};`;
  const usage = (top: string): string => grant("USAGE", `DATABASE ${relation(top)}`);
  const { user } = connection;
  return {
    account: () => [
      ...(user === undefined
        ? []
        : [{ for: "account" as const, subject: "user", sql: `GRANT ROLE ${role} TO USER ${accountName(user)};` }]),
      ...(warehouse === undefined
        ? []
        : [
            {
              for: "account" as const,
              subject: "warehouse",
              sql: grant("USAGE", `WAREHOUSE ${accountName(warehouse)}`),
            },
          ]),
      { for: "account", subject: "database", sql: usage(database) },
    ],
    read: ({ parts: [top, schema, table], subject }) =>
      [
        usage(top),
        grant("USAGE", `SCHEMA ${relation(top, schema)}`),
        grant("SELECT", `TABLE ${relation(top, schema, table)}`),
      ].map((sql) => ({ for: "reads", subject, sql })),
    own: ({ kind, place, writes }) =>
      [
        `CREATE SCHEMA IF NOT EXISTS ${relation(...place)};`,
        grant(writes ? "USAGE, CREATE TABLE" : "USAGE", `SCHEMA ${relation(...place)}`),
      ].map((sql) => ({ for: kind, subject: `schema ${place[1]}`, sql })),
    notes: ({ reads }) => [
      `instead of the three CREATE SCHEMA, millrace can make them: ${grant("CREATE SCHEMA", `DATABASE ${relation(database)}`)}`,
      ...(reads.length === 0 ? [] : ["where one of the tables is a view: GRANT SELECT ON VIEW, with the same name"]),
      ...(reads.some(({ by }) => by === "dbt")
        ? [
            `dbt replaces the tables that it builds, and grants on them are gone then: set dbt's \`grants: { select: [${role}] }\` or \`copy_grants: true\``,
          ]
        : []),
      ...(warehouse === undefined
        ? ["the environment names no `warehouse`: the role needs USAGE on the user's default one"]
        : []),
      ...(spec.role === undefined
        ? [`the environment names no \`role\`: ${role} has to be the user's default role`]
        : []),
      ...(connection["user"] === undefined
        ? ["whom the role is granted to is not known here: GRANT ROLE … TO USER …"]
        : []),
    ],
  };
}

/** A role, user or warehouse as people write it: Snowflake folds it to capitals where nothing in it needs quotes. */
function accountName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name.toUpperCase() : `"${name.replaceAll('"', '""')}"`;
}
