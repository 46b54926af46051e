/** Plans every selected sync of a workspace, and each audience they use once: the same rows for all its destinations. */
import { createHash } from "node:crypto";
import type { Diagnostic, PlannedAudience } from "../core.ts";
import { membersDelta, membersTable } from "../audience/members.ts";
import { audienceColumns, audienceRows } from "../audience/rows.ts";
import { failure, MillraceError } from "../errors.ts";
import { unbuiltParent } from "../project/dbt/unbuilt.ts";
import { buildGraph } from "../project/graph.ts";
import type { Project, Resource, SyncSpec } from "../project/project.ts";
import { integer, textOrNull } from "../warehouse/row.ts";
import type { Estimate } from "../warehouse/warehouse.ts";
import { definitionOf } from "./definition-text.ts";
import { splitByEdit } from "./definitions.ts";
import { planTable } from "./diff.ts";
import { ask, type Figure, type Figures } from "./figures.ts";
import { marked } from "./marked.ts";
import { planSync, type PlanSyncOptions, type SyncPlan } from "./plan-sync.ts";
import { shapeOf, sha256 } from "./shape.ts";
import { keyExpression, neededColumns } from "./wanted.ts";
import { sourceOf, type Workspace } from "./workspace.ts";

export interface PlanAllOptions {
  readonly write: boolean;
  readonly fence: number;
  readonly full: boolean;
  /** Hold-backs are judged as of then (milliseconds), and lifted by `retry`. */
  readonly now: number;
  readonly retry: boolean;
}

/** One sync's plan, or why it could not be planned: the others go on. */
export type Planned =
  | { readonly sync: Resource<SyncSpec>; readonly plan: SyncPlan }
  | { readonly sync: Resource<SyncSpec>; readonly problems: readonly Diagnostic[] };

export interface Plans {
  readonly planned: readonly Planned[];
  /** Audience -> relation of its members now, and how they differ from the history. */
  readonly audiences: ReadonlyMap<string, MaterialisedAudience>;
}

export interface MaterialisedAudience {
  readonly relation: string;
  /** A query with the column `k`. */
  readonly keys: string;
  readonly delta: Omit<PlannedAudience, "why_selected">;
  /** What its query reads, once for all its syncs; null where nobody pays for bytes. */
  readonly estimate: Estimate | null;
  readonly problem?: Diagnostic;
}

export async function planAll(
  workspace: Workspace,
  syncs: readonly Resource<SyncSpec>[],
  options: PlanAllOptions,
): Promise<Plans> {
  const audiences = new Map<string, Evaluated>();
  const planned: Planned[] = [];
  const graph = buildGraph(workspace.project);
  for (const sync of syncs) {
    const unbuilt = unbuiltParent(workspace.project, graph, sync);
    if (unbuilt !== null) {
      planned.push({ sync, problems: [unbuilt] });
      continue;
    }
    try {
      // An audience is read once for all its syncs: for the first of them.
      const own = marked(workspace, { sync: sync.name });
      const { audience } = sync.spec;
      if (audience !== undefined && !audiences.has(audience)) {
        audiences.set(audience, await materialise(own, audience, syncs));
      }
      const evaluated = audience === undefined ? undefined : audiences.get(audience);
      const relation = evaluated?.relation ?? null;
      // Counted with the first sync that reads it.
      const beside = evaluated === undefined || evaluated.moved !== null ? undefined : counting(evaluated);
      planned.push({ sync, plan: await planSync(own, sync, { ...options, relation, beside }) });
    } catch (error) {
      planned.push({ sync, problems: problemsOf(error) });
    }
  }
  const materialised = new Map<string, MaterialisedAudience>();
  for (const [name, evaluated] of audiences) materialised.set(name, await counted(workspace, name, evaluated));
  return { planned, audiences: materialised };
}

function problemsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof MillraceError) return error.diagnostics;
  throw error;
}

/** The selected syncs in the order of `after:`, unknown names an error. */
export function orderedSyncs(project: Project, selected: readonly string[]): readonly Resource<SyncSpec>[] {
  const wanted = new Set(selected);
  const ordered: Resource<SyncSpec>[] = [];
  const visit = (name: string): void => {
    if (!wanted.delete(name)) return;
    const sync = project.syncs.get(name);
    if (sync === undefined) throw failure("E020", `there is no sync "${name}"`, { exit: 64 });
    for (const before of sync.spec.after) visit(before);
    ordered.push(sync);
  };
  for (const name of selected.toSorted()) visit(name);
  return ordered;
}

/** An audience in a table of the run; `moved`: how it differs from its history, as soon as that is counted. */
interface Evaluated extends Pick<MaterialisedAudience, "relation" | "keys" | "estimate"> {
  readonly key: string;
  readonly history: string | null;
  readonly movement: Figure;
  moved: Figures | null;
}

const counting = (evaluated: Evaluated): NonNullable<PlanSyncOptions["beside"]> => ({
  figure: evaluated.movement,
  take: (figures) => void (evaluated.moved = figures),
});

/** Evaluates an audience into a table of the run: its key and the columns its syncs read. */
async function materialise(
  workspace: Workspace,
  name: string,
  syncs: readonly Resource<SyncSpec>[],
): Promise<Evaluated> {
  const { warehouse, project, audiences, ferry } = workspace;
  const { quote } = warehouse.dialect;
  const columns = audienceColumns(audiences, name);
  const mine = syncs.filter((sync) => sync.spec.audience === name);
  const shapes = mine.map((sync) => shapeOf(project, sync, sourceOf(workspace, sync).columns));
  const [shape] = shapes;
  if (shape === undefined) throw new Error(`audience ${name} has no sync`);
  const needed = [...new Set(shapes.flatMap(neededColumns))].filter((column) =>
    columns.some((one) => one.name === column),
  );
  const query = `SELECT ${needed.map(quote).join(", ")} FROM (${audienceRows(audiences, name)})`;
  const estimate = await warehouse.estimate(query);
  const relation = await ferry.make(`audience__${name}`, query, estimate);
  const key = keyExpression(warehouse.dialect, shape, quote);
  const keys = `SELECT DISTINCT k FROM (SELECT ${key} AS k FROM ${relation}) WHERE k IS NOT NULL`;
  const history = workspace.tables.includes(membersTable(name)) ? (audiences.currentMembers?.(name) ?? null) : null;
  const movement: Figure = {
    query: membersDelta(warehouse.dialect, history, keys),
    names: ["before_count", "now_count", "enter_count", "leave_count"],
  };
  return {
    relation,
    keys,
    estimate,
    key,
    history,
    movement,
    moved: ferry.apart ? null : await ask(warehouse, movement),
  };
}

async function counted(workspace: Workspace, name: string, evaluated: Evaluated): Promise<MaterialisedAudience> {
  const { relation, keys, estimate, key, history, movement } = evaluated;
  const moved = evaluated.moved ?? (await ask(workspace.warehouse, movement));
  const { problem, ...byEdit } = await splitByEdit(workspace, { audience: name, before: history, now: keys, key });
  const count = (column: string): number => moved[column] ?? 0;
  return {
    relation,
    keys,
    estimate,
    ...(problem === undefined ? {} : { problem }),
    delta: {
      name,
      before: count("before_count"),
      now: count("now_count"),
      enter: count("enter_count"),
      leave: count("leave_count"),
      ...byEdit,
    },
  };
}

/**
 * The plan's id: first 16 hex of SHA-256 over environment and, per sync, its serial, mapping, row count and XOR of row
 * fingerprints. `as_of` acts through the rows: the same rows planned a second later are the same plan.
 */
export async function planId(workspace: Workspace, planned: readonly Planned[]): Promise<string> {
  const parts: unknown[] = [workspace.project.environment.name];
  for (const each of planned) {
    if (!("plan" in each)) continue;
    const { plan, sync } = each;
    const [row] = await workspace.ferry.desk.rows(
      `SELECT count(*) AS rows, CAST(bit_xor(md5_number_lower(concat_ws('|', op, k, coalesce(CAST(h AS VARCHAR), '-')))) AS VARCHAR) AS prints FROM ${planTable(plan.source.target, plan.source.id)}`,
    );
    parts.push([
      sync.name,
      plan.state.serial,
      plan.shape.mappingHash,
      plan.state.target,
      integer(row, "rows"),
      textOrNull(row, "prints"),
    ]);
  }
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

/** The configuration a saved plan was made with, from the models' SQL to the mapping: a change of it makes the plan stale. */
export function configHash(project: Project, planned: readonly Planned[]): string {
  const hash = createHash("sha256");
  for (const each of planned) {
    if ("plan" in each)
      hash.update(
        JSON.stringify([
          each.sync.name,
          each.plan.shape.mappingHash,
          each.plan.shape.identityHash,
          each.plan.state.target,
          definitionOf(project, rowsOf(each.sync.spec)),
        ]),
      );
  }
  return hash.digest("hex");
}

const rowsOf = ({ audience, model }: SyncSpec): string =>
  audience === undefined ? `model:${model}` : `audience:${audience}`;
