/** Grants as a script of SQL: what is no statement is a comment. */
import type { z } from "zod";
import type { grantsSchema } from "../schemas/grants.ts";

type GrantsDocument = z.output<typeof grantsSchema>;

const kinds = { duckdb: "DuckDB", bigquery: "BigQuery", snowflake: "Snowflake" } as const;
const what = {
  account: "to sign in and run statements",
  reads: "to read what the project reads",
  ledger: "the ledger: what destinations hold",
  models: "the place of models that are built as tables",
  scratch: "tables of a run, dropped at its end",
} as const;

export function grantsText({ environment, warehouse, to, statements, notes }: GrantsDocument): string {
  const title = `Environment ${environment}, ${kinds[warehouse]}`;
  const head =
    to === null
      ? [title]
      : [
          `${title}: all that ${to} needs there.`,
          "To be run by who owns these things. Names of privileges and roles are the vendor's as documented (unverified).",
        ];
  const parts = (Object.keys(what) as (keyof typeof what)[]).flatMap((part) => {
    const own = statements.filter((one) => one.for === part);
    return own.length === 0 ? [] : [["", `-- ${what[part]}`, ...ofPart(own)]];
  });
  const more = notes.length === 0 ? [] : [...(to === null ? [] : [""]), ...notes.map((note) => `-- ${note}`)];
  return [...head.map((line) => `-- ${line}`), ...parts.flat(), ...more].join("\n");
}

/** Whose statements they are is said at the first of them. */
function ofPart(statements: GrantsDocument["statements"]): readonly string[] {
  return statements.map(({ sql, subject }, index) =>
    subject === statements[index - 1]?.subject ? sql : `${sql} -- ${subject}`,
  );
}
