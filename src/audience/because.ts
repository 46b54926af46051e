/** Why many people move: what most leavers fail, and what those who enter fulfil. */
import type { Rule } from "../project/schema/rule.ts";
import { integer, text } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { compileRule, type Compilation, type Scope } from "./compile.ts";
import { below, membership, primaryKey, type AudienceContext, type Place } from "./context.ts";
import { derived, keySql } from "./key.ts";
import { checked, definitionSql, exclusions, memberTexts } from "./rows.ts";
import { sentence } from "./sentence.ts";

export interface MainReason {
  /** `fail the rule country is FR`, `are gone from model customers`, `are in employees`. */
  readonly words: string;
  readonly people: number;
  readonly leavers: number;
}

interface Condition {
  readonly words: string;
  readonly sql: string;
}

/** The reason that most of those who leave share, or null when nobody leaves. `previous` is a query of `k`. */
export async function mostLeaversFail(
  context: AudienceContext,
  warehouse: Pick<Warehouse, "rows">,
  name: string,
  previous: string,
): Promise<MainReason | null> {
  const { conditions, sql } = checked(context, (compilation) => leaversQuery(name, previous, compilation));
  const [row] = await warehouse.rows(sql);
  const leavers = integer(row, "leavers");
  const counts = conditions.map(({ words }, index) => ({ words, people: integer(row, `c${index}`), leavers }));
  const best = counts.reduce<MainReason | null>(
    (most, each) => (most === null || each.people > most.people ? each : most),
    null,
  );
  return best === null || best.people === 0 ? null : best;
}

/** A few of those who enter, each with the parts of the rules that hold for them. Both queries have a column `k`. */
export async function enteringSample(
  context: AudienceContext,
  warehouse: Pick<Warehouse, "rows">,
  name: string,
  previous: string | null,
  count: number,
): Promise<readonly { readonly k: string; readonly because: string }[]> {
  const { spec } = membership(context, name);
  const rules = spec.where === undefined ? [] : leaves(spec.where);
  const sql = checked(context, (compilation) => {
    const scope: Scope = { alias: "m", model: spec.model, columns: context.modelColumns(spec.model) };
    const keyText = keySql(context.dialect, "m", primaryKey(context, spec.model));
    const place: Place = { resource: null, path: [] };
    const held = rules.map((rule, index) => `, ${compileRule(rule, scope, place, compilation)} AS c${index}`);
    const known =
      previous === null ? "" : ` WHERE k NOT IN (SELECT k FROM ${derived(previous, "p")} WHERE k IS NOT NULL)`;
    const entering = `SELECT k FROM ${derived(memberTexts(context, name), "a")}${known} ORDER BY k LIMIT ${count}`;
    return `SELECT ${keyText} AS k${held.join("")} FROM ${derived(context.modelQuery(spec.model), "m")} WHERE ${keyText} IN (\n${entering}\n) ORDER BY 1`;
  });
  const rows = await warehouse.rows(sql);
  return rows.map((row) => {
    const words = rules.filter((_, index) => row[`c${index}`] === true).map((rule) => sentence(rule, spec.model));
    return { k: text(row, "k"), because: words.length === 0 ? `in the query of ${name}` : words.join(", ") };
  });
}

/** The rules that stand for themselves: leaves, and negations as they are. */
function leaves(rule: Rule): readonly Rule[] {
  if ("all" in rule) return rule.all.flatMap(leaves);
  return "any" in rule ? rule.any.flatMap(leaves) : [rule];
}

/** One row: how many leave, and for each condition how many of them fail it. */
function leaversQuery(
  name: string,
  previous: string,
  compilation: Compilation,
): { readonly conditions: readonly Condition[]; readonly sql: string } {
  const { context } = compilation;
  const { dialect } = context;
  const resource = membership(context, name);
  const { model } = resource.spec;
  const scope: Scope = { alias: "m", model, columns: context.modelColumns(model) };
  const inside = { ...compilation, resolving: [name] };
  const keyText = keySql(dialect, "m", primaryKey(context, model));
  const excluded = "exclude" in resource.spec ? resource.spec.exclude : [];
  const rules: readonly Condition[] = [
    ...definitionParts(resource.spec.where, { resource, path: ["where"] }).map(({ rule, place }) => ({
      words: `fail the rule ${sentence(rule, model)}`,
      sql: compileRule(rule, scope, place, inside),
    })),
    ...(resource.spec.where === undefined
      ? [{ words: "are no longer in its query", sql: definitionSql(resource, scope, inside) }]
      : []),
    ...exclusions(resource, scope, inside).map((sql, index) => ({
      words: `are in ${excluded[index]}, which is excluded`,
      sql,
    })),
  ];
  const passed = rules.map(({ sql }, index) => `${sql} AS c${index}`).join(", ");
  const today = `SELECT ${keyText} AS k${passed === "" ? "" : `, ${passed}`} FROM ${derived(context.modelQuery(model), "m")} WHERE ${keyText} IN (SELECT k FROM millrace_leaving)`;
  const gone: Condition = { words: `are gone from model ${model}`, sql: "t.k IS NULL" };
  const counted = [
    ...rules.map((_, index) => `COUNT(CASE WHEN NOT t.c${index} THEN 1 END) AS c${index}`),
    `COUNT(CASE WHEN t.k IS NULL THEN 1 END) AS c${rules.length}`,
  ];
  const leaving = `SELECT DISTINCT k FROM ${derived(previous, "p")} WHERE k IS NOT NULL AND k NOT IN (SELECT k FROM ${derived(memberTexts(context, name), "n")})`;
  return {
    conditions: [...rules, gone],
    sql: `WITH millrace_leaving AS (\n${leaving}\n), millrace_today AS (\n${today}\n) SELECT COUNT(DISTINCT l.k) AS leavers, ${counted.join(", ")} FROM millrace_leaving l LEFT JOIN millrace_today t ON t.k = l.k`,
  };
}

/** The conditions that all must hold: the parts of a topmost `all`, or the one rule. */
function definitionParts(
  where: Rule | undefined,
  place: Place,
): readonly { readonly rule: Rule; readonly place: Place }[] {
  if (where === undefined) return [];
  if (!("all" in where)) return [{ rule: where, place }];
  return where.all.flatMap((rule, index) => definitionParts(rule, below(place, "all", index)));
}
