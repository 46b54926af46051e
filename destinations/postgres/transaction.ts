import type { Exchange, Outcome, SqlReply, SqlStatement } from "millrace/destination";
import { rejected, sql, stop, unknown } from "millrace/destination";
import type { Table } from "./settings.ts";

/** What the server answers to each statement, in order. */
export type Results = Extract<SqlReply, { results: unknown }>["results"];
type Refusal = Extract<SqlReply, { refused: unknown }>["refused"];

/** One transaction; an outcome, for all of its rows, where it was refused or not understood. */
export function* transaction(table: Table, statements: readonly SqlStatement[]): Exchange<Results | Outcome> {
  const reply = yield* sql(statements);
  if ("refused" in reply) return outcomeOf(reply.refused, table);
  return reply.results?.length === statements.length ? reply.results : unknown("the database gave another answer");
}

/** What the server's refusal means: for the target, or for the rows, which the engine then finds by halving. */
function outcomeOf({ state, message }: Refusal, { name, keys }: Table): Outcome {
  // No values: `invalid input syntax for type integer: "…"`, `value "…" is out of range`.
  const words = message.replace(/:.*$/s, "").replace(/^value ".*" is/s, "value is");
  if (state === "42P01" || state === "3F000") return stop("target_gone", `${name} is not there`);
  if (state === "42501") return stop("permission", words, "grant SELECT, INSERT, UPDATE and DELETE on the table");
  if (state === "25006") return stop("target_refused", words, "name the primary server, not a standby");
  if (state === "42P10")
    return stop("target", `${name} has no unique index on ${keys.join(", ")}`, "CREATE UNIQUE INDEX");
  // Other errors of syntax and names concern every row alike: a column that is not there, a generated one.
  return state.startsWith("42") ? stop("target", words) : rejected(state, words);
}
