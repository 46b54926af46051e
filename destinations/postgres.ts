/**
 * Rows of a PostgreSQL table: upserts that touch only what differs, and deletes (`postgres/statements.ts`). A batch is one
 * transaction (`postgres/record.ts`); what a refusal of the server means stands in `postgres/transaction.ts`.
 */
import { defineDestination, sql } from "millrace/destination";
import { z } from "zod";
import { record } from "./postgres/record.ts";
import { type Config, settings } from "./postgres/settings.ts";

export default defineDestination<Config>({
  name: "postgres",
  describe: "A table of a PostgreSQL database.",
  docs: "https://www.postgresql.org/docs/current/sql-insert.html",
  guide: {
    credentials:
      "A role that may log in, with SELECT, INSERT, UPDATE and DELETE on the table. Needs the package pg. The key columns need a unique index.",
    refused:
      "A row that the table refuses (a type, a constraint) is found by halving its batch and rejected with the SQLSTATE; the others of its batch are written.",
    erasure: "Delete the row; look at backups, replicas and tables that triggers fill.",
  },
  config: settings,
  credentials: z.strictObject({
    user: z.string().min(1).describe("The role to log in as."),
    password: z.string().optional().describe("Its password."),
  }),
  effects: ["sql"],
  hosts: ({ host }) => [host],
  auth: { type: "none" },
  *check({ config }) {
    const values = [config.schema];
    const reply = yield* sql([{ text: "SELECT has_schema_privilege(current_user, $1, 'USAGE') AS able", values }]);
    const able = "results" in reply && reply.results[0]?.rows[0]?.["able"] === true;
    const message = able ? `logs in and may use schema ${config.schema}` : `may not use schema ${config.schema}`;
    return [{ ok: able, message: `${config.database} on ${config.host}: ${message}` }];
  },
  objects: { record },
});
