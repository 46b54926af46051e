/** The rows of another model that belong to a row (`on:`), as conditions and scalars over that row. */
import type { On } from "../project/schema/rule.ts";
import { didYouMean } from "../project/suggest.ts";
import { operandOf, problem, type Compilation, type Scope } from "./compile.ts";
import type { Place } from "./context.ts";
import { comparable, derived, semiJoin } from "./key.ts";

/** The pairs of `on:`: this model's column and the other model's. */
export function joinPairs(on: On): readonly (readonly [string, string])[] {
  return typeof on === "string" ? [[on, on]] : Object.entries(on);
}

export interface RelationJoin {
  /** The other model's rows. */
  readonly scope: Scope;
  /** SQL: has the row at least one of theirs that meets the conditions and, with `having`, do those together? */
  member(conditions: readonly string[], having?: string): string;
  /** SQL: an aggregate over the rows of theirs that meet the conditions. */
  measure(conditions: readonly string[], aggregate: string): string;
}

/** The join of a scope with another model; null after recording why there is none (E231, E232, E235). */
export function relationJoin(
  model: string,
  on: On,
  scope: Scope,
  modelPlace: Place,
  onPlace: Place,
  compilation: Compilation,
): RelationJoin | null {
  const { context } = compilation;
  const names = [...context.project.models.keys(), ...context.project.seeds.keys()];
  if (!names.includes(model)) {
    problem(compilation, "E232", `there is no model "${model}"`, modelPlace, didYouMean(model, names));
    return null;
  }
  const columns = context.modelColumns(model);
  const number = compilation.aliases.next++;
  const other: Scope = { alias: `e${number}`, model, columns };
  const pairs = joinPairs(on);
  if (pairs.length === 0)
    problem(
      compilation,
      "E231",
      "on: names no column",
      onPlace,
      "write on: COLUMN or on: { their_column: other_column }",
    );
  const sides = pairs.map(([mine, theirs]) => {
    const left = operandOf(mine, scope, onPlace, compilation);
    const right = operandOf(theirs, other, onPlace, compilation);
    return left === null || right === null
      ? null
      : comparable(context.dialect, { sql: left.sql, column: left }, { sql: right.sql, column: right });
  });
  const known = sides.filter((side) => side !== null);
  if (known.length < sides.length || known.length === 0) return null;
  const parts = known.map((_, index) => `k${index}`);
  return {
    scope: other,
    member(conditions, having) {
      const keys = known.map(([, right], index) => `${right} AS ${context.dialect.quote(parts[index]!)}`);
      const present = known.map(([, right]) => `${right} IS NOT NULL`);
      // By place: BigQuery does not know a NORMALIZE in the list as the one it groups by.
      const grouped =
        having === undefined ? "" : ` GROUP BY ${known.map((_, index) => index + 1).join(", ")} HAVING ${having}`;
      const query = `SELECT ${keys.join(", ")} FROM ${derived(context.modelQuery(model), other.alias)} WHERE ${[...present, ...conditions].join(" AND ")}${grouped}`;
      return semiJoin(
        context.dialect,
        known.map(([left]) => left),
        query,
        parts,
        `r${number}`,
      );
    },
    measure(conditions, aggregate) {
      const same = known.map(([left, right]) => `${left} = ${right}`);
      return `(SELECT ${aggregate} FROM ${derived(context.modelQuery(model), other.alias)} WHERE ${[...same, ...conditions].join(" AND ")})`;
    },
  };
}
