/** Plans one sync: the difference frozen in the run's tables, identifiers as sent, what nets out, what is held back. */
import { crc32 } from "node:zlib";
import { instantBefore } from "../audience/duration.ts";
import { parseDuration } from "../project/duration.ts";
import { failure } from "../errors.ts";
import type { RowsKnown } from "../ledger/knowledge.ts";
import { createState, type SyncState } from "../ledger/state.ts";
import { type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Resource, SyncSpec } from "../project/project.ts";
import type { Estimate, Warehouse } from "../warehouse/warehouse.ts";
import { deltaQuery, planTable, reprintTable, wholePlanQuery } from "./diff.ts";
import type { Figure, Figures } from "./figures.ts";
import { freeze, freezeAll } from "./freeze-plan.ts";
import { mappingOf } from "./mapping-versions.ts";
import { wantedRelation, type WantedRows } from "./keys.ts";
import { withinHorizon } from "./horizon.ts";
import { net } from "./netting.ts";
import { collectStale } from "./restamp.ts";
import { prepare, recall, rememberDoubts } from "./prepare.ts";
import type { PlanSource } from "./rows.ts";
import { modelOf, offersMembers, shapeOf, type Shape } from "./shape.ts";
import { targetOf } from "./target.ts";
import { targetWords } from "./targets.ts";
import { printedColumns } from "./wanted.ts";
import { sourceOf, type Workspace } from "./workspace.ts";

/** A sync's frozen plan and what was found on the way. */
export interface SyncPlan {
  readonly sync: Resource<SyncSpec>;
  readonly shape: Shape;
  readonly source: PlanSource;
  readonly state: SyncState;
  readonly ledger: Ledger;
  /** Rows the model or audience gives, keys checked. */
  readonly rows: WantedRows;
  /** Rows of the ledger that count as people held: all but `left`. */
  readonly held: number;
  /** Nothing was ever sent: the first plan of this ledger. */
  readonly first: boolean;
  readonly mapping: { readonly m: number; readonly isNew: boolean };
  /** Nobody is sent yet: the first rows are taken as held already (initial: from_now). */
  readonly assumes: boolean;
  /** Rows outside the horizon of events, beside those of `rows`. */
  readonly late: number;
  /** Rows of events that changed after they were sent: counted, not sent (R37). */
  readonly changedAfterSend: number;
  /** Rows whose prints are rewritten without sending (from_now). */
  readonly reprinted: number;
  /** Unchanged rows whose fast prints another engine made: they get today's (R18). */
  readonly restamped: number;
  /** What the difference reads: the wanted rows and the ledger's; null where nobody pays for bytes. */
  readonly estimate: Estimate | null;
}

export interface PlanSyncOptions {
  /** Make the state row and tables in the ledger; else they stand beside it, empty. */
  readonly write: boolean;
  /** Of the run that will settle this plan; 0 where none will. */
  readonly fence: number;
  readonly full: boolean;
  /** Hold-backs are judged as of then (milliseconds), and lifted by `retry`. */
  readonly now: number;
  readonly retry: boolean;
  /** Relation of the sync's audience, where it was materialised for this run. */
  readonly relation: string | null;
  /** Something else to be counted in the same statement as the plan's figures, where the warehouse is apart. */
  readonly beside?: { readonly figure: Figure; take(figures: Figures): void } | undefined;
}

/** Of a sync that has no rows in the ledger yet. */
const nothingKnown: RowsKnown = { newestAt: 0, replayable: 0, doubted: 0, rejections: 0 };

export async function planSync(
  workspace: Workspace,
  sync: Resource<SyncSpec>,
  options: PlanSyncOptions,
): Promise<SyncPlan> {
  const { warehouse, ferry } = workspace;
  const { desk, target } = ferry;
  const { query, columns } = sourceOf(workspace, sync);
  const shape = shapeOf(workspace.project, sync, columns);
  const { state, ledger, first } = await stateOf(workspace, sync, shape, options);
  const mapping = await mappingOf(workspace, ledger, state, shape);
  const times = { asOf: workspace.asOf.ms, now: options.now };
  const { relation, late } = withinHorizon(warehouse.dialect, shape, options.relation ?? `(${query})`, times);
  const tag = await fastTag(workspace, shape);
  const compared = {
    ledger,
    id: state.id,
    shape,
    scratch: ferry.scratch,
    tag,
    refreshBefore: refreshBefore(workspace, shape),
    full: options.full,
    older: mapping.older,
  };
  const counted = { late, beside: options.beside ?? null };
  const wanted = wantedRelation(workspace, shape, relation);
  const asked = { ...compared, rows: wanted };
  const estimate = await warehouse.estimate(ferry.apart ? wholePlanQuery(asked) : deltaQuery(asked));
  const input = { ...compared, estimate };
  const frozen = await freeze(workspace, input, wanted, counted);
  const { rows: given, figures } = frozen;
  const everybody = options.full || (offersMembers(shape) && (await countOf(desk, planTable(target, state.id))) > 0);
  const { rows } = everybody && !options.full ? await freezeAll(workspace, input, given.relation, counted) : frozen;
  await prepare(desk, target, state.id, shape);
  const known = first ? nothingKnown : workspace.known.rows.get(state.id);
  await recall(ferry, ledger, state.id, known);
  await rememberDoubts(ferry, ledger, state.id, known);
  const restamped =
    options.fence > 0 ? await collectStale(ferry, { ...input, rows: rows.relation, full: everybody }) : 0;
  const source: PlanSource = { warehouse: desk, target, id: state.id, shape, m: mapping.m, tag, full: everybody };
  const keepFirst = modelOf(workspace.project, sync).spec.on_duplicate_key !== undefined;
  const { now, retry } = options;
  const { person } = workspace;
  await net({
    ferry,
    ledger,
    id: state.id,
    shape,
    relation: rows.relation,
    source,
    now,
    retry,
    keepFirst,
    person,
  });
  return {
    sync,
    shape,
    source,
    state,
    ledger,
    rows,
    late: figures["late"] ?? 0,
    changedAfterSend: figures["changed"] ?? 0,
    held: figures["live"] ?? 0,
    first: state.serial === 0,
    assumes: state.serial === 0 && sync.spec.initial === "from_now",
    mapping,
    reprinted: mapping.older.length === 0 ? 0 : await countOf(desk, reprintTable(target, state.id)),
    restamped,
    estimate,
  };
}

async function stateOf(
  workspace: Workspace,
  sync: Resource<SyncSpec>,
  shape: Shape,
  { write, fence }: PlanSyncOptions,
): Promise<{ state: SyncState; ledger: Ledger; first: boolean }> {
  const { warehouse, states } = workspace;
  const target = targetOf(shape);
  const known = states.get(sync.name);
  if (known !== undefined) {
    if (known.target !== target) throw targetChanged(sync, known.target, target);
    return { state: known, ledger: workspace.ledger, first: false };
  }
  const state: SyncState = {
    id: freeId(sync.name, states),
    sync: sync.name,
    target,
    remoteId: null,
    fence,
    serial: 0,
    openPlan: null,
    openRun: null,
    m: 0,
    keySignature: shape.keyColumns.map(({ family }) => family).join(","),
  };
  if (write) {
    await createState(warehouse, workspace.ledger, state);
    return { state, ledger: workspace.ledger, first: true };
  }
  // A plan writes nothing: the ledger of this sync is empty.
  return { state, ledger: { ...workspace.ledger, empty: true }, first: true };
}

/** A renamed sync's tables keep the old name (R31): a new sync of that name gets another id. */
function freeId(name: string, states: Workspace["states"]): string {
  const taken = new Set([...states.values()].map(({ id }) => id));
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? name : `${name}__${n}`;
    if (!taken.has(id)) return id;
  }
}

function targetChanged(sync: Resource<SyncSpec>, was: string, is: string): Error {
  return failure("E520", `sync "${sync.name}" writes to another target than its ledger speaks of`, {
    at: sync.at(["destination"]),
    hint: `the ledger speaks of ${targetWords(was)}, the project now of ${targetWords(is)}: set it back, or \`millrace state retarget ${sync.name} --drain --reason TEXT\` takes everybody out there first, \`--abandon\` instead of \`--drain\` leaves them`,
  });
}

/** Fast prints compare only while engine, canonical form and column types are the same (R18). */
async function fastTag({ warehouse }: Workspace, shape: Shape): Promise<number> {
  // Without fast prints there is nothing to bind.
  if (warehouse.dialect.fastPrint([]) === null) return 0;
  const [row] = await warehouse.rows("SELECT version() AS version");
  const types = printedColumns(shape).map((column) => `${column} ${shape.families.get(column)}`);
  return crc32(JSON.stringify([row?.["version"], process.platform, process.arch, 1, types]));
}

/** Memberships that lapse by themselves are sent again before they do: at `refresh`, else at 0.8–0.95 of their life (R39). */
function refreshBefore({ project, asOf, ledger }: Workspace, shape: Shape): string | null {
  const { spread } = wordsOf(ledger.dialect);
  const { refresh } = shape.sync.spec;
  if (shape.object.kind !== "membership") return null;
  if (refresh !== undefined) {
    const duration = parseDuration(refresh);
    return "problem" in duration
      ? null
      : String(instantBefore(duration, { asOf: asOf.ms, timezone: project.timezone }));
  }
  const { expiresMs } = shape.object;
  return expiresMs === undefined ? null : `${asOf.ms} - ${expiresMs} * (0.8 + 0.15 * ${spread("s.k")} / 1000.0)`;
}

async function countOf(warehouse: Warehouse, relation: string): Promise<number> {
  const [row] = await warehouse.rows(`SELECT count(*) AS total FROM ${relation}`);
  return Number(row?.["total"] ?? 0);
}
