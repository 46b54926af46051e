/** Where the table is: settings of the destination and of a sync. */
import type { Context } from "millrace/destination";
import { networkSettings, sqlName } from "millrace/destination";
import { z } from "zod";

/** What a PostgreSQL destination is configured with. */
export const settings = z.strictObject({
  host: z.string().min(1).describe("Name or address of the server."),
  port: z.int().min(1).max(65_535).default(5432).describe("Its port."),
  database: z.string().min(1).describe("The database that holds the tables."),
  schema: z.string().min(1).default("public").describe("The schema of tables that name none."),
  ssl: z.boolean().default(true).describe("Encrypted, the certificate checked; false only inside a private network."),
  statement_timeout: z.int().min(1).max(3600).default(60).describe("Seconds after which a statement is given up."),
  allow_private_network: networkSettings.allow_private_network,
});
export type Config = z.output<typeof settings>;

/** The sync's `remote:`. */
export const remote = z.object({
  table: z.string().min(1).describe("The table, which must be there."),
  schema: z.string().min(1).optional().describe("Its schema, where it is not the destination's."),
  key: z
    .union([z.string(), z.array(z.string()).min(1)])
    .default("id")
    .describe("Column or columns that hold the model's primary key, in its order, under a unique index."),
});

/** The table as SQL names it, and the columns of its key. */
export interface Table {
  readonly name: string;
  readonly keys: readonly string[];
}

/** The table of a sync. */
export function tableOf({ config, remoteConfig }: Pick<Context<Config>, "config" | "remoteConfig">): Table {
  const { schema = config.schema, table, key } = remote.parse(remoteConfig);
  return { name: `${sqlName(schema)}.${sqlName(table)}`, keys: [key].flat() };
}
