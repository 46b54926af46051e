/** Why one person is in an audience or out of it, rule by rule with the values found. */
import type { AudienceSpec, Resource, SegmentSpec } from "../project/project.ts";
import { integer } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Compilation, Scope } from "./compile.ts";
import { membership, primaryKey, type AudienceContext } from "./context.ts";
import { derived, keySql } from "./key.ts";
import { probeRule, type Probe, type ProbedRow } from "./probe.ts";
import { checked, definitionSql, exclusions, memberTexts } from "./rows.ts";
import { traceKey, type TraceStep } from "./trace.ts";

/** One line of the ticked tree. `holds` is null where the outcome was settled before it was looked at. */
export interface ExplainedRule {
  readonly rule: string;
  readonly holds: boolean | null;
  readonly found: string | null;
  readonly children: readonly ExplainedRule[];
}

export interface PersonExplanation {
  /** False where the audience's model has no row of that key: then nothing below is known. */
  readonly known: boolean;
  readonly member: boolean;
  /** Null for an audience written in SQL. */
  readonly rules: ExplainedRule | null;
  /** Of an audience written in SQL: presence step by step. */
  readonly trace: readonly TraceStep[];
  /** The exclusion that keeps out a person who matches, or `limit of N`. */
  readonly excludedBy: string | null;
}

/** Explains a segment or audience for the person with a key text ({@link keySql}). */
export async function explainPerson(
  context: AudienceContext,
  warehouse: Pick<Warehouse, "rows" | "describe" | "dialect">,
  name: string,
  k: string,
): Promise<PersonExplanation> {
  const resource = membership(context, name);
  const { sql, probe, excluded } = checked(context, (compilation) => personQuery(resource, k, compilation));
  const [row] = await warehouse.rows(sql);
  const key = primaryKey(context, resource.spec.model).map((column) => column.name);
  const trace =
    probe === null && resource.spec.sql !== undefined ? await traceKey(warehouse, context.sqlQuery(name), key, k) : [];
  if (row === undefined) return { known: false, member: false, rules: null, trace, excludedBy: null };
  const matches = row["matches"] === true;
  const barred = excluded.find((_, index) => row[`x${index}`] === false);
  const excludedBy = !matches ? null : (barred ?? (await beyondLimit(context, warehouse, resource, k)));
  return {
    known: true,
    member: matches && excludedBy === null,
    rules: probe === null ? null : ticked(probe, row),
    trace,
    excludedBy,
  };
}

/** The tree with its outcomes: in `any of`, what stands after a rule that holds is not looked at. */
export function ticked(probe: Probe, row: ProbedRow): ExplainedRule {
  let settled = false;
  const children = probe.children.map((child) => {
    if (settled) return untouched(child);
    settled = probe.kind === "any" && row[child.holds] === true;
    return ticked(child, row);
  });
  return { rule: probe.words, holds: row[probe.holds] === true, found: probe.found(row), children };
}

function untouched(probe: Probe): ExplainedRule {
  return { rule: probe.words, holds: null, found: "not looked at, another already holds", children: [] };
}

function personQuery(
  resource: Resource<SegmentSpec | AudienceSpec>,
  k: string,
  compilation: Compilation,
): { readonly sql: string; readonly probe: Probe | null; readonly excluded: readonly string[] } {
  const { context } = compilation;
  const { dialect } = context;
  const { model, where } = resource.spec;
  const scope: Scope = { alias: "m", model, columns: context.modelColumns(model) };
  const inside = { ...compilation, resolving: [resource.name] };
  const columns = new Map<string, string>();
  const probe = where === undefined ? null : probeRule(where, scope, { resource, path: ["where"] }, inside, columns);
  columns.set("matches", definitionSql(resource, scope, inside));
  for (const [index, sql] of exclusions(resource, scope, inside).entries()) columns.set(`x${index}`, sql);
  const person = `SELECT * FROM ${derived(context.modelQuery(model), "r")} WHERE ${keySql(dialect, "r", primaryKey(context, model))} = ${dialect.literal(k)}`;
  const selected = [...columns].map(([column, sql]) => `${sql} AS ${column}`);
  return {
    sql: `SELECT ${selected.join(", ")} FROM ${derived(person, "m")} LIMIT 1`,
    probe,
    excluded: "exclude" in resource.spec ? resource.spec.exclude : [],
  };
}

async function beyondLimit(
  context: AudienceContext,
  warehouse: Pick<Warehouse, "rows">,
  resource: Resource<SegmentSpec | AudienceSpec>,
  k: string,
): Promise<string | null> {
  if (!("limit" in resource.spec) || resource.spec.limit === undefined) return null;
  const [row] = await warehouse.rows(
    `SELECT COUNT(*) AS hits FROM ${derived(memberTexts(context, resource.name), "a")} WHERE k = ${context.dialect.literal(k)}`,
  );
  return integer(row, "hits") > 0 ? null : `limit of ${resource.spec.limit.max}`;
}
