/** The members of segments and audiences as queries (decision 18): rules or SQL, then exclude, then limit. */
import type { Diagnostic } from "../core.ts";
import { MillraceError, exitCodes } from "../errors.ts";
import type { AudienceSpec, Resource, SegmentSpec } from "../project/project.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { audienceSql, compileRule, segmentSql, type Compilation, type Scope } from "./compile.ts";
import { locate, membership, primaryKey, type AudienceContext, type Place } from "./context.ts";
import { comparable, derived, keySql, qualified, semiJoin } from "./key.ts";
import { limitClause } from "./limit.ts";

/**
 * A query of the eligible members of an audience with all columns of its model, and for an audience written in SQL
 * the query's columns over and beside them; columns as {@link audienceColumns}. Throws every problem of the rules.
 */
export function audienceRows(context: AudienceContext, name: string): string {
  return checked(context, (compilation) => membersQuery(membership(context, name), "rows", compilation));
}

/** A query of the primary key columns of an audience's eligible members. */
export function audienceKeys(context: AudienceContext, name: string): string {
  return (
    context.eligible?.(name) ??
    checked(context, (compilation) => membersQuery(membership(context, name), "keys", compilation))
  );
}

/** A query of the primary key columns of a segment's members. */
export function segmentKeys(context: AudienceContext, name: string): string {
  return checked(context, (compilation) => membersQuery(membership(context, name), "keys", compilation));
}

/** A query with one column `k`, the key texts ({@link keySql}) of a segment's or audience's eligible members, each once. */
export function memberTexts(context: AudienceContext, name: string): string {
  const keys = context.project.audiences.has(name) ? audienceKeys(context, name) : segmentKeys(context, name);
  const text = keySql(context.dialect, "a", primaryKey(context, membership(context, name).spec.model));
  return `SELECT DISTINCT ${text} AS k FROM ${derived(keys, "a")} WHERE ${text} IS NOT NULL`;
}

/** The columns of {@link audienceRows}, in its order. */
export function audienceColumns(context: AudienceContext, name: string): readonly Column[] {
  const { spec } = membership(context, name);
  const columns = context.modelColumns(spec.model);
  if (!isWritten(spec)) return columns;
  const key = new Set(primaryKey(context, spec.model).map((column) => column.name));
  const written = context.sqlColumns(name).filter((column) => !key.has(column.name));
  const overrides = new Map(written.map((column) => [column.name, column]));
  const known = new Set(columns.map((column) => column.name));
  return [
    ...columns.map((column) => overrides.get(column.name) ?? column),
    ...written.filter((column) => !known.has(column.name)),
  ];
}

/** Every problem of a segment's or audience's rules, without running anything. */
export function checkMembership(context: AudienceContext, name: string): readonly Diagnostic[] {
  try {
    checked(context, (compilation) => membersQuery(membership(context, name), "rows", compilation));
    return [];
  } catch (error) {
    if (error instanceof MillraceError) return error.diagnostics;
    throw error;
  }
}

/** Runs a compilation and throws the problems it met, together. */
export function checked<Result>(context: AudienceContext, compile: (compilation: Compilation) => Result): Result {
  const problems: Diagnostic[] = [];
  const compilation: Compilation = {
    context,
    problems,
    resolving: [],
    aliases: { next: 1 },
    keysOf: (name, resolving) => keysOf(name, { ...compilation, resolving }),
  };
  const result = compile(compilation);
  if (problems.length > 0) throw new MillraceError(exitCodes.failed, problems);
  return result;
}

/** The rules or the query of a segment or audience, and its exclusions, as one condition over a scope; no limit. */
export function membershipSql(
  resource: Resource<SegmentSpec | AudienceSpec>,
  scope: Scope,
  compilation: Compilation,
): string {
  const inside = { ...compilation, resolving: [...compilation.resolving, resource.name] };
  return [definitionSql(resource, scope, inside), ...exclusions(resource, scope, inside)].join(" AND ");
}

/** Each name of `exclude:`, a segment or an audience, as a condition over a scope that keeps those who are not in it. */
export function exclusions(
  resource: Resource<SegmentSpec | AudienceSpec>,
  scope: Scope,
  compilation: Compilation,
): readonly string[] {
  const names = "exclude" in resource.spec ? resource.spec.exclude : [];
  return names.map((name, index) => {
    const sql = compilation.context.project.segments.has(name) ? segmentSql : audienceSql;
    return `(NOT ${sql(name, scope, { resource, path: ["exclude", index] }, compilation)})`;
  });
}

function keysOf(name: string, compilation: Compilation): string {
  const { context } = compilation;
  const resource = membership(context, name);
  if (context.project.audiences.has(name))
    return context.eligible?.(name) ?? membersQuery(resource, "keys", compilation);
  const key = sqlKey(resource, compilation).map((column) => context.dialect.quote(column));
  return `SELECT ${key.join(", ")} FROM ${derived(context.sqlQuery(name), "q")} WHERE ${key.map((column) => `${column} IS NOT NULL`).join(" AND ")}`;
}

function membersQuery(
  resource: Resource<SegmentSpec | AudienceSpec>,
  wanted: "rows" | "keys",
  outer: Compilation,
): string {
  const compilation = { ...outer, resolving: [...outer.resolving, resource.name] };
  const { context } = compilation;
  const { spec, name } = resource;
  const scope: Scope = {
    alias: `m${compilation.aliases.next++}`,
    model: spec.model,
    columns: context.modelColumns(spec.model),
  };
  const written = isWritten(spec);
  const source = (column: string) =>
    qualified(context.dialect, written && fromQuery(resource, column, context) ? "q" : scope.alias, column);
  const key = primaryKey(context, spec.model);
  const columns = wanted === "keys" ? key : audienceColumns(context, name);
  const joined = written ? ` JOIN ${joinClause(resource, scope, compilation)}` : "";
  const conditions = [
    ...(written ? [] : [definitionSql(resource, scope, compilation)]),
    ...exclusions(resource, scope, compilation),
  ];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const limit = limitClause(resource, { scope, source, columns: () => audienceColumns(context, name) }, compilation);
  const selected = columns.map((column) => source(column.name)).join(", ");
  return `SELECT ${selected} FROM ${derived(context.modelQuery(spec.model), scope.alias)}${joined}${limit.join}${where}${limit.clause}`;
}

/** Are the members written as a query instead of rules? */
function isWritten(spec: SegmentSpec): boolean {
  return spec.where === undefined && spec.sql !== undefined;
}

/** Does the query of an audience written in SQL give this column, other than as a key? */
function fromQuery(resource: Resource<SegmentSpec>, column: string, context: AudienceContext): boolean {
  const key = context.project.models.get(resource.spec.model)?.spec.primary_key ?? [];
  return !key.includes(column) && context.sqlColumns(resource.name).some((candidate) => candidate.name === column);
}

/** The rules, or being among the keys of the query, as a condition; a segment of everybody has neither. */
export function definitionSql(resource: Resource<SegmentSpec>, scope: Scope, compilation: Compilation): string {
  const { spec } = resource;
  if (spec.where !== undefined) return compileRule(spec.where, scope, { resource, path: ["where"] }, compilation);
  if (spec.sql === undefined) return "TRUE";
  const key = sqlKey(resource, compilation);
  if (key.length === 0) return "FALSE";
  const pairs = keyPairs(resource, scope, compilation);
  const { dialect } = compilation.context;
  const query = `SELECT ${pairs.map(([, right], index) => `${right} AS ${dialect.quote(key[index]!)}`).join(", ")} FROM ${derived(compilation.context.sqlQuery(resource.name), "q")} WHERE ${pairs.map(([, right]) => `${right} IS NOT NULL`).join(" AND ")}`;
  return semiJoin(
    dialect,
    pairs.map(([left]) => left),
    query,
    key,
    `s${compilation.aliases.next++}`,
  );
}

function joinClause(resource: Resource<SegmentSpec>, scope: Scope, compilation: Compilation): string {
  if (sqlKey(resource, compilation).length === 0)
    return `${derived(compilation.context.sqlQuery(resource.name), "q")} ON FALSE`;
  const pairs = keyPairs(resource, scope, compilation);
  return `${derived(compilation.context.sqlQuery(resource.name), "q")} ON ${pairs.map(([left, right]) => `${left} = ${right}`).join(" AND ")}`;
}

function keyPairs(
  resource: Resource<SegmentSpec>,
  scope: Scope,
  compilation: Compilation,
): readonly (readonly [string, string])[] {
  const { context } = compilation;
  const given = new Map(context.sqlColumns(resource.name).map((column) => [column.name, column]));
  return primaryKey(context, scope.model)
    .filter((column) => given.has(column.name))
    .map((column) =>
      comparable(
        context.dialect,
        { sql: qualified(context.dialect, scope.alias, column.name), column },
        { sql: qualified(context.dialect, "q", column.name), column: given.get(column.name)! },
      ),
    );
}

/** The key columns a query must return; records E238 when it does not. */
function sqlKey(resource: Resource<SegmentSpec>, compilation: Compilation): readonly string[] {
  const key = primaryKey(compilation.context, resource.spec.model).map((column) => column.name);
  const given = new Set(compilation.context.sqlColumns(resource.name).map((column) => column.name));
  const missing = key.filter((column) => !given.has(column));
  if (missing.length === 0) return key;
  const place: Place = { resource, path: ["sql"] };
  compilation.problems.push({
    code: "E238",
    severity: "error",
    message: `the query of "${resource.name}" does not return ${missing.map((column) => `"${column}"`).join(", ")}, the primary key of "${resource.spec.model}"`,
    ...locate(place),
    hint: `select ${key.join(", ")} in it`,
  });
  return [];
}
