/** Columns named in YAML against the columns that the warehouse reports: `validate --online`, and before a plan. */
import type { Diagnostic, Location } from "../core.ts";
import type { AudienceSpec, ModelResource, Project, Resource, SegmentSpec, SyncSpec } from "./project.ts";
import { columnsInRule } from "./rule-columns.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import { modelOf } from "./sync-shape.ts";

type Path = readonly (string | number)[];
interface Use {
  readonly model: string;
  readonly column: string;
  readonly at: () => Location;
}

/** Every use of a column that its model does not have (E204). `columnsOf` gives null for a model nobody could ask; `origin` says where they are known from. */
export function checkColumns(
  project: Project,
  columnsOf: (model: string) => readonly string[] | null,
  origin?: (columns: readonly string[]) => string,
): Diagnostic[] {
  const known = new Map<string, readonly string[] | null>();
  const problems: Diagnostic[] = [];
  for (const { model, column, at } of uses(project)) {
    if (!known.has(model)) known.set(model, columnsOf(model));
    const columns = known.get(model) ?? null;
    if (columns === null || columns.some((name) => name.toLowerCase() === column.toLowerCase())) continue;
    const nearest = didYouMean(column, columns, "its columns");
    const hint = origin === undefined ? nearest : `${nearest ?? ""} (${origin(columns)})`.trimStart();
    problems.push({
      code: "E204",
      severity: "error",
      message: `model "${model}" has no column ${quoteText(column)}`,
      at: at(),
      ...(hint !== undefined && { hint }),
    });
  }
  return problems;
}

function* uses(project: Project): Generator<Use> {
  for (const model of project.models.values()) yield* inModel(model);
  for (const item of [...project.segments.values(), ...project.audiences.values()]) yield* inSegment(item);
  for (const sync of project.syncs.values()) yield* inSync(sync, modelOf(project, sync.spec), project);
}

function* inModel({ name, spec, dbt, at }: ModelResource): Generator<Use> {
  const use = (column: string, path: Path): Use => ({ model: name, column, at: () => at(path) });
  for (const [index, column] of spec.primary_key.entries())
    yield { model: name, column, at: () => at(["primary_key", index]) };
  for (const [kind, column] of Object.entries(spec.identifiers)) yield use(column, ["identifiers", kind]);
  // dbt may document what is not there: that is nobody's use.
  for (const [index, column] of spec.columns.entries())
    if (!dbt?.columns.some((documented) => documented.name === column.name))
      yield use(column.name, ["columns", index, "name"]);
}

function* inSegment({ spec, at }: Resource<SegmentSpec | AudienceSpec>): Generator<Use> {
  if (spec.where)
    for (const { model, column, path } of columnsInRule(spec.where, spec.model, ["where"]))
      yield { model, column, at: () => at(path) };
  const order = "limit" in spec ? spec.limit?.order_by : undefined;
  const column = order === undefined ? undefined : /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(asc|desc)?\s*$/i.exec(order)?.[1];
  if (column !== undefined && spec.sqlText === undefined)
    yield { model: spec.model, column, at: () => at(["limit", "order_by"]) };
}

/** An audience with a query of its own may add columns, so only its model's identifiers are sure: such syncs are left to the plan. */
function* inSync({ spec, at }: Resource<SyncSpec>, model: ModelResource | undefined, project: Project): Generator<Use> {
  if (!model || project.audiences.get(spec.audience ?? "")?.spec.sql !== undefined) return;
  const use = (column: string, path: Path): Use => ({ model: model.name, column, at: () => at(path) });
  if (spec.append !== undefined) yield use(spec.append.time, ["append", "time"]);
  for (const [field, column] of Object.entries(spec.key ?? {})) yield use(column, ["key", field]);
  for (const [kind, { from, default_country: country }] of Object.entries(spec.identifiers)) {
    yield use(from, ["identifiers", kind]);
    const column =
      typeof country === "string" ? (/^[A-Z]{2}$/.test(country) ? null : country) : (country?.column ?? null);
    if (column !== null) yield use(column, ["identifiers", kind, "default_country"]);
  }
  for (const [index, mapping] of spec.mappings.entries()) {
    if ("from" in mapping) yield use(mapping.from, ["mappings", index, "from"]);
    if ("lookup" in mapping)
      for (const [by, column] of Object.entries(mapping.lookup.by))
        yield use(column, ["mappings", index, "lookup", "by", by]);
  }
}
