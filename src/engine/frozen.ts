/** What must outlive the process that made a plan, written beside its rows: enough to settle it without the project's files. */
import type { ObjectSpec } from "../destination/index.ts";
import type { Policy } from "../ledger/rules.ts";
import type { Project, Resource, SyncSpec } from "../project/project.ts";
import type { Column, Warehouse } from "../warehouse/warehouse.ts";
import type { SyncPlan } from "./plan-sync.ts";
import type { PlanSource } from "./rows.ts";
import { modelOf, shapeOf, type Shape, type ShapedIdentifier, type ShapedModel } from "./shape.ts";

export interface FrozenPlan {
  readonly sync: string;
  readonly id: string;
  readonly plan: string;
  readonly m: number;
  readonly tag: number;
  readonly full: boolean;
  readonly retry: boolean;
  readonly asOf: string;
  /** Hold-backs are judged as of then, when sending and when settling. */
  readonly deliveredAt: number;
  readonly mappingHash: string;
  readonly identityHash: string;
  readonly mapping: { readonly isNew: boolean; readonly definition: string };
  readonly reprinted: number;
  readonly restamped: number;
  readonly policy: Policy;
  readonly identifiers: readonly ShapedIdentifier[];
  readonly object: {
    readonly kind: ObjectSpec<any>["kind"];
    readonly ops: ObjectSpec<any>["ops"];
    readonly identify: ObjectSpec<any>["identify"];
    /** How rows were offered and are settled, whatever the configuration says by now; absent: as it says. */
    readonly needs?: "changes" | "members";
    readonly settles?: "rows" | "run";
    /** Kind -> normaliser version. */
    readonly versions: Readonly<Record<string, number>>;
  };
  readonly keyColumns: readonly Column[];
  /** The YAML of then, as far as it says what a row becomes. */
  readonly spec: SyncSpec;
  readonly model: ShapedModel["spec"];
}

const table = (target: string, id: string): string => `${target}."frozen__${id}"`;

export function freezePlan(
  plan: SyncPlan,
  planId: string,
  more: {
    readonly project: Project;
    readonly retry: boolean;
    readonly asOf: string;
    readonly deliveredAt: number;
    readonly definition: string;
  },
): FrozenPlan {
  const { shape, source, mapping } = plan;
  const { primary_key, identifiers } = modelOf(more.project, plan.sync).spec;
  const known = Object.entries(shape.object.identifiers).map(([kind, { version }]) => [kind, version] as const);
  const open = shape.identifiers.map(
    ({ kind }) =>
      [kind, shape.object.identifiers[kind]?.version ?? shape.object.openIdentifiers?.version ?? 1] as const,
  );
  return {
    sync: plan.sync.name,
    id: source.id,
    plan: planId,
    m: source.m,
    tag: source.tag,
    full: source.full,
    retry: more.retry,
    asOf: more.asOf,
    deliveredAt: more.deliveredAt,
    mappingHash: shape.mappingHash,
    identityHash: shape.identityHash,
    mapping: { isNew: mapping.isNew, definition: more.definition },
    reprinted: plan.reprinted,
    restamped: plan.restamped,
    policy: shape.policy,
    identifiers: shape.identifiers,
    object: {
      kind: shape.object.kind,
      ops: shape.object.ops,
      identify: shape.object.identify,
      needs: shape.object.needs ?? "changes",
      settles: shape.object.settles ?? "rows",
      versions: Object.fromEntries([...known, ...open]),
    },
    keyColumns: shape.keyColumns,
    spec: plan.sync.spec,
    model: { primary_key, identifiers },
  };
}

export async function writeFrozen(warehouse: Warehouse, target: string, frozen: FrozenPlan): Promise<void> {
  const { literal } = warehouse.dialect;
  await warehouse.execute(
    `CREATE OR REPLACE TABLE ${table(target, frozen.id)} AS SELECT ${literal(JSON.stringify(frozen))} AS frozen`,
  );
}

export async function readFrozen(warehouse: Warehouse, target: string, id: string): Promise<FrozenPlan | null> {
  try {
    const [row] = await warehouse.rows(`SELECT frozen FROM ${table(target, id)}`);
    return row === undefined ? null : (JSON.parse(row["frozen"]) as FrozenPlan);
  } catch {
    return null;
  }
}

/**
 * The plan's source again, whatever the project's files say by now. Where the destination is still there and its code takes
 * the mapping of then for the same, its shape can render rows; otherwise it is enough to settle, not to replay.
 */
export function thawed(frozen: FrozenPlan, project: Project, warehouse: Warehouse, target: string): PlanSource {
  const shape = shapeOfThen(frozen, project) ?? bareShape(frozen);
  return { warehouse, target, id: frozen.id, shape, m: frozen.m, tag: frozen.tag, full: frozen.full };
}

function shapeOfThen(frozen: FrozenPlan, project: Project): Shape | null {
  const definition = JSON.parse(frozen.mapping.definition) as { readonly columns: readonly string[] };
  const names = new Set([...frozen.keyColumns.map(({ name }) => name), ...definition.columns]);
  const columns = [...names].map(
    (name) => frozen.keyColumns.find((column) => column.name === name) ?? { name, type: "", family: "other" as const },
  );
  try {
    const shape = shapeOf(project, syncOfThen(frozen), columns, { name: "", at: nowhere, spec: frozen.model });
    return shape.mappingHash === frozen.mappingHash && shape.identityHash === frozen.identityHash
      ? { ...shape, policy: frozen.policy, object: { ...shape.object, ...offeredThen(frozen) } }
      : null;
  } catch {
    return null;
  }
}

const offeredThen = ({ object: { needs, settles } }: FrozenPlan): Pick<ObjectSpec<any>, "needs" | "settles"> => ({
  ...(needs && { needs }),
  ...(settles && { settles }),
});

const nowhere = () => ({ file: "", line: 1, column: 1 });

const syncOfThen = ({ sync, spec }: FrozenPlan): Resource<SyncSpec> => ({ name: sync, spec, file: "", at: nowhere });

function bareShape(frozen: FrozenPlan): Shape {
  const identifiers = Object.fromEntries(
    Object.entries(frozen.object.versions).map(([kind, version]) => [
      kind,
      { describe: kind, normalize: () => null, version },
    ]),
  );
  const object: ObjectSpec<any> = {
    ...frozen.object,
    describe: frozen.sync,
    delivery: frozen.policy.delivery,
    identifiers,
    fields: {},
    limits: { rows: 1 },
    *deliver() {
      throw new Error("a frozen plan is settled, not sent");
    },
  };
  return {
    sync: syncOfThen(frozen),
    destination: undefined as never,
    object,
    keyColumns: frozen.keyColumns,
    families: new Map(),
    identifiers: frozen.identifiers,
    fields: [],
    policy: frozen.policy,
    header: "",
    mappingHash: frozen.mappingHash,
    identityHash: frozen.identityHash,
  };
}
