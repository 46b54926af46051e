/** An open environment with everything planning needs: session, compiled models, audiences, the ledger's tables. */
import { audienceColumns, audienceKeys, audienceRows, segmentKeys } from "../audience/rows.ts";
import type { AudienceContext } from "../audience/context.ts";
import type { RunEvent } from "../core.ts";
import { failure } from "../errors.ts";
import { idsOf, readKnowledge, type Knowledge } from "../ledger/knowledge.ts";
import type { SyncState } from "../ledger/state.ts";
import { createShared, ledgerVersion, sharedTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { builtOf, listOfBuilt } from "../models/build.ts";
import { createCompiler, type Compiler } from "../models/compile.ts";
import { openSession, type Session } from "../models/session.ts";
import type { Project, Resource, SyncSpec } from "../project/project.ts";
import type { Ports } from "../ports.ts";
import { executeAll } from "../warehouse/execute-all.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { Column, Warehouse } from "../warehouse/warehouse.ts";
import { openPersons, type Person } from "./persons.ts";
import { modelOf } from "./shape.ts";
import { tellUnfolded } from "./unfolded.ts";

export interface Workspace {
  readonly project: Project;
  readonly session: Session;
  /** Where models and the ledger stand. */
  readonly warehouse: Warehouse;
  /** The way between it and the tables of this command. */
  readonly ferry: Ferry;
  readonly compiler: Compiler;
  /** Table models as built: model -> definition hash; updated by a build. */
  readonly built: Map<string, string>;
  readonly audiences: AudienceContext;
  readonly ledger: Ledger;
  /** Names of the ledger's tables when the workspace was opened. */
  readonly tables: readonly string[];
  readonly states: ReadonlyMap<string, SyncState>;
  /** What the ledger knew when the workspace was opened. */
  readonly known: Knowledge;
  readonly asOf: { readonly ms: number; readonly text: string };
  /** Pseudonym of a key. */
  readonly person: Person;
  /** Audiences of another version of the project over the same data. */
  compileAs(project: Project): Promise<AudienceContext>;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  readonly project: Project;
  readonly write: boolean;
  readonly runFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ports: Ports;
  readonly version: string;
  readonly onEvent: (event: RunEvent) => void;
  /** The run that it is for. */
  readonly run?: string;
  /** Syncs whose rows in the ledger are of interest. */
  readonly selected?: readonly string[];
  /** What the ledger knows, where it was read before. */
  readonly known?: Knowledge | null;
}

/** Opens the project's environment; with `write` the ledger's shared tables are made where they are missing. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { project, ports } = options;
  const session = await openSession(project, {
    write: options.write,
    env: options.env,
    clock: ports.clock,
    onUnfolded: tellUnfolded(options.onEvent),
    ...(options.runFile === undefined ? {} : { runFile: options.runFile }),
    ...(options.run === undefined ? {} : { run: options.run }),
  });
  try {
    const { warehouse } = session;
    const ledger: Ledger = {
      dialect: warehouse.dialect,
      schema: session.ledgerPlace,
    };
    if (options.write) await makeLedger(session, ledger);
    const { ledger: tables } = await session.tables();
    const known = options.known ?? (await readKnown(project, session, options.selected ?? []));
    checkVersion(known);
    if (options.write && known.version === null) await describeLedger(options, warehouse, ledger);
    const asOf = asOfText(project);
    const built = await builtOf(session, known);
    const { compiler, audiences } = await compile(options, session, asOf, tables, ledger, built);
    return {
      project,
      session,
      warehouse,
      compiler,
      built,
      audiences,
      ledger,
      ferry: session.ferry,
      tables,
      states: known.states,
      known,
      asOf: { ms: Date.parse(asOf), text: asOf },
      person: await openPersons(ports.files, project.root),
      compileAs: async (other) =>
        (await compile({ ...options, project: other }, session, asOf, tables, ledger, built)).audiences,
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function asOfText(project: Project): string {
  return String(project.vars["as_of"]);
}

/** What the ledger of an open environment knows, in one statement. */
export async function readKnown(
  project: Project,
  session: Session,
  selected: readonly string[],
  more: { readonly light?: boolean } = {},
): Promise<Knowledge> {
  const { ledger: tables } = await session.tables();
  const ledger: Ledger = { dialect: session.warehouse.dialect, schema: session.ledgerPlace };
  // A sync that was renamed keeps its first name inside (R31).
  const wanted = new Set(selected);
  const ids = wanted.size === 0 ? [] : idsOf(tables).filter((id) => wanted.has(id) || !project.syncs.has(id));
  const since = Date.parse(asOfText(project)) - dayMs;
  return readKnowledge(session.warehouse, ledger, { tables, ids, since, built: await listOfBuilt(session) }, more);
}

const dayMs = 86_400_000;

/** Makes the ledger's shared tables where they are missing. */
export async function makeLedger(session: Session, ledger: Ledger): Promise<void> {
  const { ledger: tables } = await session.tables();
  await executeAll(session.warehouse, createShared(ledger, tables));
}

/** Writes into a new ledger what it is. */
export async function describeLedger(
  { project, version }: Pick<WorkspaceOptions, "project" | "version">,
  warehouse: Warehouse,
  ledger: Ledger,
): Promise<void> {
  const { literal } = warehouse.dialect;
  const meta = sharedTable(ledger, "meta");
  const values = [ledgerVersion, project.name, project.environment.name, version, 0].map(literal).join(", ");
  await warehouse.execute(
    `INSERT INTO ${meta} SELECT ${values} FROM ${wordsOf(ledger.dialect).oneRow} WHERE NOT EXISTS (SELECT 1 FROM ${meta})`,
  );
}

/** E511 for a ledger of a newer layout. */
export function checkVersion({ version }: Pick<Knowledge, "version">): void {
  if (version === null || version <= ledgerVersion) return;
  throw failure(
    "E511",
    `the ledger was written by a newer version of millrace (layout ${version}, this one knows ${ledgerVersion})`,
    {
      hint: "use that version, or a later one",
    },
  );
}

async function compile(
  options: WorkspaceOptions,
  session: Session,
  asOf: string,
  tables: readonly string[],
  ledger: Ledger,
  built: Map<string, string>,
): Promise<{ compiler: Compiler; audiences: AudienceContext }> {
  const { project } = options;
  const compiler: Compiler = await createCompiler(project, session, {
    env: options.env,
    built,
    keysOf: (name) => (project.audiences.has(name) ? audienceKeys(audiences, name) : segmentKeys(audiences, name)),
  });
  const audiences: AudienceContext = {
    project,
    dialect: session.warehouse.dialect,
    asOf,
    modelQuery: (name) => compiler.query(name),
    modelColumns: (name) => compiler.columns(name),
    sqlQuery: (name) => compiler.sqlQuery(name),
    sqlColumns: (name) => compiler.sqlColumns(name),
    currentMembers: (name) =>
      tables.includes(`members__${name}`)
        ? `SELECT k FROM ${ledger.dialect.relation(...ledger.schema, `members__${name}`)} WHERE left_at IS NULL`
        : null,
  };
  await compiler.prepare();
  return { compiler, audiences };
}

/** The rows a sync sends as a query and its columns: its model's, or its audience's eligible members. */
export function sourceOf(
  workspace: Workspace,
  sync: Resource<SyncSpec>,
): { readonly query: string; readonly columns: readonly Column[] } {
  const { audience } = sync.spec;
  if (audience === undefined) {
    const model = modelOf(workspace.project, sync);
    return { query: workspace.compiler.query(model.name), columns: workspace.compiler.columns(model.name) };
  }
  return {
    query: audienceRows(workspace.audiences, audience),
    columns: audienceColumns(workspace.audiences, audience),
  };
}
