/** Shared members of several audiences, in one statement. */
import type { Warehouse } from "../warehouse/warehouse.ts";
import { primaryKey, membership, type AudienceContext } from "./context.ts";
import { failure } from "../errors.ts";
import { derived } from "./key.ts";
import { audienceKeys, segmentKeys } from "./rows.ts";

export interface OverlapMatrix {
  readonly names: readonly string[];
  /** People in each, in the order of `names`. */
  readonly sizes: readonly number[];
  /** `shared[i][j]`: people in both; the diagonal repeats the sizes. */
  readonly shared: readonly (readonly number[])[];
  /** `share[i][j]`: of the people in i, the part (0 to 1) that is in j as well; null where i is empty. */
  readonly share: readonly (readonly (number | null)[])[];
}

/** Distinct members of each audience or segment and of each pair. They must be of one model (E233). */
export async function overlap(
  context: AudienceContext,
  warehouse: Pick<Warehouse, "rows">,
  names: readonly string[],
): Promise<OverlapMatrix> {
  if (names.length === 0) return { names, sizes: [], shared: [], share: [] };
  const [row = {}] = await warehouse.rows(overlapSql(context, names));
  const shared = names.map((_, one) => names.map((__, other) => Number(row[cell(one, other)] ?? 0)));
  const sizes = shared.map((counts, index) => counts[index]!);
  const share = shared.map((counts, index) =>
    counts.map((count) => (sizes[index] === 0 ? null : count / sizes[index]!)),
  );
  return { names, sizes, shared, share };
}

/** One row of counts `n<i>_<j>` for i <= j: every audience is read once, each key becomes one row of flags. */
export function overlapSql(context: AudienceContext, names: readonly string[]): string {
  const model = membership(context, names[0]!).spec.model;
  const stranger = names.find((name) => membership(context, name).spec.model !== model);
  if (stranger !== undefined) {
    throw failure(
      "E233",
      `"${stranger}" is about model "${membership(context, stranger).spec.model}", "${names[0]}" about "${model}": their members cannot be compared`,
    );
  }
  const key = primaryKey(context, model).map((column) => context.dialect.quote(column.name));
  const flags = names.map((_, index) => `f${index}`);
  const members = names.map((name, index) => {
    const keys = context.project.audiences.has(name) ? audienceKeys(context, name) : segmentKeys(context, name);
    return `SELECT ${key.join(", ")}, ${flags.map((flag, each) => `${each === index ? 1 : 0} AS ${flag}`).join(", ")} FROM ${derived(keys, `a${index}`)}`;
  });
  const people = `SELECT ${flags.map((flag) => `MAX(${flag}) AS ${flag}`).join(", ")} FROM (${members.join(" UNION ALL ")}) m WHERE ${key.map((column) => `${column} IS NOT NULL`).join(" AND ")} GROUP BY ${key.join(", ")}`;
  const counts = names.flatMap((_, one) =>
    names.slice(one).map((__, step) => `SUM(f${one} * f${one + step}) AS ${cell(one, one + step)}`),
  );
  return `SELECT ${counts.join(", ")} FROM (${people}) p`;
}

function cell(one: number, other: number): string {
  return `n${Math.min(one, other)}_${Math.max(one, other)}`;
}
