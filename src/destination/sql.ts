import type { Json } from "../core.ts";
import type { Effect, Exchange } from "./effect.ts";

/** One statement; its values travel apart from its text, as `$1`, `$2` and so on. */
export interface SqlStatement {
  readonly text: string;
  readonly values?: readonly (string | number | boolean | null)[];
}

/** What the database answers to all statements of one effect, which are one transaction: all applied, or none. */
export type SqlReply =
  /** One a statement, in order; `count`: rows returned or changed. */
  | {
      readonly results: readonly { readonly rows: readonly Readonly<Record<string, Json>>[]; readonly count: number }[];
    }
  /** Nothing was applied. `state`: the SQLSTATE, five characters. */
  | { readonly refused: { readonly state: string; readonly message: string } };

/** Carries out the statements as one transaction; failures that pass by themselves are retried below. */
export function* sql(statements: readonly SqlStatement[]): Exchange<SqlReply> {
  return (yield { sql: statements } satisfies Effect) as SqlReply;
}

/** A name of a schema, table or column as SQL takes any text: in double quotes. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
