import { rm } from "node:fs/promises";
import path from "node:path";
import { failure, MillraceError } from "../errors.ts";
import { duckdbOf } from "../project/duckdb-spec.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Project } from "../project/project.ts";
import type { Clock } from "../ports.ts";
import { openDuckDB, type DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { together } from "../warehouse/ferry.ts";
import { text } from "../warehouse/row.ts";
import { claim, ledgerPath, makeFolders, type Folders } from "./folders.ts";
import { dbtAlias } from "./dbt-relation.ts";
import { declareFiles } from "./files.ts";
import { attachSeeds } from "./attach-seeds.ts";
import { attachPrivate, attachWhole, exists, foldAndClose, type Attach, type Folding } from "./own-file.ts";
import { checkReadOnly } from "./read-only.ts";
import { seedRelation } from "./seeds.ts";
import type { Session, SessionOptions } from "./session.ts";
import { nodeRelation, sourceRelation } from "./source-relation.ts";

const wallClock: Pick<Clock, "monotonic" | "sleep"> = {
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Opens an environment of DuckDB: the ledger (catalog `ledger`), the user's data (`source`, read-only), seeds (`seeds`, read-only),
 * the run file (`run`), and a scratch in memory (`memory`). The cage is closed: SQL reaches nothing else. E501 (exit 5) names the
 * process that holds a file after 5 s; E700 for a file that is no database.
 */
export async function openDuckDBSession(project: Project, options: SessionOptions): Promise<Session> {
  const folders = await makeFolders(project);
  const { memory_limit: memoryLimit, threads } = duckdbOf(project);
  const limits = {
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...(threads === undefined ? {} : { threads }),
  };
  const warehouse = await openDuckDB({ tempDirectory: folders.spill, ...limits });
  const folding: Folding = {
    // DuckDB's spill files have the same names in every instance.
    tempDirectory: path.join(folders.spill, "fold"),
    ...limits,
    ...(options.onUnfolded === undefined ? {} : { onUnfolded: options.onUnfolded }),
  };
  let release = (): void => undefined;
  let written: string | null = null;
  let closed = false;
  const close = async (): Promise<void> => {
    // Once: by then another session may hold the file.
    if (closed) return;
    closed = true;
    if (written === null) await warehouse.close();
    else
      await foldAndClose(written, folding, {
        checkpoint: () => warehouse.execute("CHECKPOINT ledger"),
        close: () => warehouse.close(),
      });
    release();
    await rm(folders.spill, { recursive: true, force: true });
  };
  try {
    const attach: Attach = (file, alias, readOnly) =>
      patiently(options, () => warehouse.attach(file, alias, { readOnly }));
    const attachOwn: Attach = (file, alias, readOnly) =>
      file === ":memory:"
        ? attach(file, alias, readOnly)
        : attachWhole(file, {
            write: !readOnly,
            attach: () => attach(file, alias, readOnly),
            detach: () => warehouse.detach(alias),
          });
    const ledgerFile = ledgerPath(project);
    if (options.write && ledgerFile !== null) release = await patiently(options, async () => claim(ledgerFile));
    const durable = await attachLedger(project, folders, options, warehouse, attachOwn);
    if (options.write && durable) written = ledgerFile;
    const tables = await attachSource(project, warehouse, attach);
    const warnings = await attachSeeds(project, folders, warehouse, attachOwn, folding);
    const files = await declareFiles(project, warehouse);
    if (options.runFile !== undefined) await attachPrivate(warehouse, options.runFile, "run", attach);
    await warehouse.closeCage({ files });
    return { ...sessionOf(project, warehouse, tables, options), durable, warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does it, and while another session holds the file tries again until the time is over. */
async function patiently<T>({ waitMs = 5000, clock = wallClock }: SessionOptions, work: () => Promise<T>): Promise<T> {
  const until = clock.monotonic() + waitMs;
  while (true) {
    try {
      return await work();
    } catch (error) {
      const held = error instanceof MillraceError && error.diagnostics.some(({ code }) => code === "E501");
      if (!held || clock.monotonic() >= until) throw error;
      await clock.sleep(100);
    }
  }
}

async function attachLedger(
  project: Project,
  { state }: Folders,
  { write }: SessionOptions,
  warehouse: DuckDBWarehouse,
  attach: Attach,
): Promise<boolean> {
  const { ledger_schema, model_schema } = project.environment.warehouse;
  const { path: userPath } = duckdbOf(project);
  const file = ledgerPath(project);
  if (file !== null && userPath !== undefined && path.resolve(project.root, userPath) === file) {
    throw failure("E700", `${userPath} is where the ledger of environment ${project.environment.name} stands`, {
      hint: "give the data a file of its own",
    });
  }
  const durable = file !== null && state !== null && (write || (await exists(file)));
  if (!durable) await attach(":memory:", "ledger", false);
  else if (write) await attachPrivate(warehouse, file, "ledger", attach);
  else await attach(file, "ledger", true);
  if (write || !durable) {
    for (const schema of [ledger_schema, model_schema]) {
      await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${warehouse.dialect.relation("ledger", schema)}`);
    }
  }
  return durable;
}

/** Attaches the user's file read-only and lists its tables as `schema.table`; null when there is no such file. */
async function attachSource(
  project: Project,
  warehouse: DuckDBWarehouse,
  attach: Attach,
): Promise<ReadonlySet<string> | null> {
  const { path: userPath } = duckdbOf(project);
  if (userPath === undefined || userPath === ":memory:") return null;
  const file = path.resolve(project.root, userPath);
  if (!(await exists(file))) return null;
  await attach(file, "source", true);
  const alias = dbtAlias(project);
  if (alias !== null) await attach(file, alias, true);
  const rows = await warehouse.rows(
    "SELECT schema_name || '.' || table_name AS name FROM duckdb_tables() WHERE database_name = 'source' \
UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = 'source'",
  );
  return new Set(rows.map((row) => text(row, "name")));
}

function sessionOf(
  project: Project,
  warehouse: DuckDBWarehouse,
  tables: ReadonlySet<string> | null,
  { runFile }: SessionOptions,
): Omit<Session, "durable" | "warnings" | "close"> {
  const { dialect } = warehouse;
  const { ledger_schema, model_schema } = project.environment.warehouse;
  return {
    warehouse,
    ledgerPlace: ["ledger", ledger_schema],
    modelPlace: ["ledger", model_schema],
    scratchPlace: ["memory", "main"],
    async tables() {
      const listing = wordsOf(dialect).listing({
        ledger: ["ledger", ledger_schema],
        models: ["ledger", model_schema],
        scratch: [],
      });
      const rows = await warehouse.rows(`${listing} ORDER BY 2`);
      const of = (place: string) => rows.flatMap((row) => (row["place"] === place ? [text(row, "name")] : []));
      return { ledger: of("ledger"), models: of("models") };
    },
    modelSchema: dialect.relation("ledger", model_schema),
    checkReadOnly: (candidates) => checkReadOnly(warehouse, candidates),
    ferry: together(warehouse, dialect.relation(runFile === undefined ? "memory" : "run", "main")),
    ledger: (table) => dialect.relation("ledger", ledger_schema, table),
    relationOf(what) {
      if ("seed" in what) {
        if (project.seeds.has(what.seed)) return seedRelation(warehouse, what.seed);
        throw failure("E707", `there is no seed "${what.seed}"`);
      }
      if ("dbt" in what) return nodeRelation(project, warehouse, tables, what.dbt);
      return sourceRelation(project, warehouse, tables, what.source, what.table);
    },
  };
}
