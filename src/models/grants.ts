/** The grants that an environment's account needs, statement by statement, in SQL that its warehouse runs. */
import type { BigQuerySpec, SnowflakeSpec } from "../project/project.ts";
import type { Access, OwnSchema, ReadTable } from "./access.ts";
import { bigqueryGrants } from "./grants-bigquery.ts";
import { snowflakeGrants } from "./grants-snowflake.ts";

export type GrantFor = "account" | "reads" | OwnSchema["kind"];

export interface Grant {
  readonly for: GrantFor;
  /** What it is about: a table as who names it calls it, a schema, the warehouse. */
  readonly subject: string;
  readonly sql: string;
}

/** What one kind of warehouse calls a right. */
export interface GrantWords {
  /** That the account may sign in and run statements at all. */
  account(): readonly Grant[];
  read(table: ReadTable): readonly Grant[];
  /** The schema itself, for who may make it, and what is done in it. */
  own(schema: OwnSchema): readonly Grant[];
  /** What no statement here can say. */
  notes(access: Access): readonly string[];
}

export interface Grantee {
  /** Role of Snowflake; member of BigQuery: `serviceAccount:…`. */
  readonly to: string;
  /** What secrets of the connection are not needed for: project, location, user, impersonated account. */
  readonly connection: Readonly<Record<string, string | undefined>>;
}

export function grantWords(spec: BigQuerySpec | SnowflakeSpec, grantee: Grantee): GrantWords {
  return spec.type === "bigquery" ? bigqueryGrants(grantee) : snowflakeGrants(spec, grantee);
}

/** All of them, each statement once. */
export function grantsOf(access: Access, words: GrantWords): readonly Grant[] {
  const all = [
    ...words.account(),
    ...access.reads.flatMap((table) => words.read(table)),
    ...access.own.flatMap((schema) => words.own(schema)),
  ];
  const seen = new Set<string>();
  return all.filter(({ sql }) => !seen.has(sql) && seen.add(sql));
}
