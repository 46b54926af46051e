/** An audience's definition as text: its rules or SQL with everything above it that decides who is a member. */
import type { Json, Location } from "../core.ts";
import { buildGraph, templateOf } from "../project/graph.ts";
import type { AudienceSpec, ModelResource, ModelSpec, Project, Resource, SegmentSpec } from "../project/project.ts";
import { callsOf } from "../project/template.ts";

type FormerMembership = Pick<AudienceSpec, "model" | "exclude"> &
  Partial<Pick<AudienceSpec, "where" | "sql" | "sqlText" | "limit">>;
type FormerModel = Pick<ModelSpec, "primary_key" | "on_duplicate_key"> & { readonly sql: string };

interface Definition {
  readonly models: Readonly<Record<string, FormerModel>>;
  readonly segments: Readonly<Record<string, FormerMembership>>;
  readonly audiences: Readonly<Record<string, FormerMembership>>;
  /** Variables that the SQL reads; never as_of, which is the run's. */
  readonly vars: Readonly<Record<string, Json>>;
}

/** JSON with sorted names: equal texts, equal definitions. Labels, tests and descriptions are no part of it. */
export function definitionText(project: Project, audience: string): string {
  return definitionOf(project, `audience:${audience}`);
}

/** As {@link definitionText}, of anything that has rows: `model:orders`. */
export function definitionOf(project: Project, id: string): string {
  const ids = [...buildGraph(project).upstream(id), id].toSorted();
  const named = <Found, Kept>(kind: string, from: ReadonlyMap<string, Found>, keep: (found: Found) => Kept) =>
    Object.fromEntries(
      ids.flatMap((each) => {
        const name = each.slice(kind.length + 1);
        const found = each.startsWith(`${kind}:`) ? from.get(name) : undefined;
        return found === undefined ? [] : [[name, keep(found)] as const];
      }),
    );
  const models = named("model", project.models, formerModel);
  const segments = named("segment", project.segments, formerMembership);
  const audiences = named("audience", project.audiences, formerMembership);
  const memberships = [...Object.values(segments), ...Object.values(audiences)];
  const texts = [...Object.values(models).map(({ sql }) => sql), ...memberships.map(({ sqlText }) => sqlText ?? "")];
  const definition: Definition = { models, segments, audiences, vars: varsOf(project, texts) };
  return JSON.stringify(definition, sorted);
}

/** The project as it was where a definition says so, and as it is everywhere else. */
export function formerProject(project: Project, text: string): Project {
  const former = JSON.parse(text, revived) as Definition;
  const models = new Map(project.models);
  for (const [name, { sql, ...spec }] of Object.entries(former.models)) {
    const today = models.get(name) ?? goneModel(name);
    models.set(name, { ...today, sql, spec: { ...without(today.spec, ["on_duplicate_key"]), ...spec } });
  }
  const overlaid = <Spec extends SegmentSpec>(
    today: ReadonlyMap<string, Resource<Spec>>,
    before: Definition["segments"],
  ): ReadonlyMap<string, Resource<Spec>> => {
    const result = new Map(today);
    for (const [name, spec] of Object.entries(before)) {
      const resource = result.get(name) ?? gone<Spec>(name, goneMembership(name, spec.model) as unknown as Spec);
      const rest = without(resource.spec, ["where", "sql", "sqlText", "limit"]);
      result.set(name, { ...resource, spec: { ...rest, ...spec } as Spec });
    }
    return result;
  };
  return {
    ...project,
    models,
    segments: overlaid(project.segments, former.segments),
    audiences: overlaid(project.audiences, former.audiences),
    vars: { ...project.vars, ...former.vars },
  };
}

function formerModel({ sql, spec }: ModelResource): FormerModel {
  const { primary_key, on_duplicate_key } = spec;
  return { sql, primary_key, ...(on_duplicate_key === undefined ? {} : { on_duplicate_key }) };
}

function formerMembership({ spec }: Resource<SegmentSpec | AudienceSpec>): FormerMembership {
  const { model, where, sql, sqlText } = spec;
  const { exclude = [], limit } = spec as Partial<AudienceSpec>;
  return {
    model,
    exclude,
    ...(where === undefined ? {} : { where }),
    ...(sql === undefined ? {} : { sql }),
    ...(sqlText === undefined ? {} : { sqlText }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function varsOf(project: Project, texts: readonly string[]): Readonly<Record<string, Json>> {
  const names = texts
    .flatMap((text) => callsOf(templateOf(text)))
    .flatMap((call) => (call.word === "var" && call.name !== "as_of" ? [call.name] : []));
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => (name in project.vars ? [[name, project.vars[name]!] as const] : [])),
  );
}

function without<Spec extends object>(spec: Spec, keys: readonly string[]): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !keys.includes(key))) as Spec;
}

/** Stands for what the files no longer have. */
function gone<Spec>(name: string, spec: Spec): Resource<Spec> {
  const at: Location = { file: "millrace.yml", line: 1, column: 1 };
  return { name, spec, file: at.file, at: () => at };
}

function goneModel(name: string): ModelResource {
  const spec: ModelSpec = {
    name,
    materialize: "inline",
    primary_key: [],
    identifiers: {},
    columns: [],
    data_tests: [],
    null_keys: 0.01,
    tags: [],
    meta: {},
  };
  return { ...gone(name, spec), sql: "", sqlFile: `models/${name}.sql` };
}

const goneMembership = (name: string, model: string): SegmentSpec => ({
  name,
  model,
  tests: [],
  guards: {},
  tags: [],
  meta: {},
});

/** Sorted names; integers beyond JSON's keep their digits. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return { $integer: String(value) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function revived(_: string, value: unknown): unknown {
  const isInteger = typeof value === "object" && value !== null && "$integer" in value;
  return isInteger ? BigInt(String(value.$integer)) : value;
}
