/** An environment of BigQuery or Snowflake: models and the ledger stand there, the run's tables at a desk of DuckDB here. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";
import { openDuckDB, type DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { apart, type Standing } from "../warehouse/ferry.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { makeFolders } from "./folders.ts";
import { checkOneSelect } from "./one-select.ts";
import { attachPrivate } from "./own-file.ts";
import type { Named } from "./resolve.ts";
import { scratchMark } from "./scratch-names.ts";
import type { Session, SessionOptions } from "./session.ts";
import { shareRemote, type SharedRemote } from "./shared-remote.ts";

/** Opens a desk beside the environment's connection; schemas of ours are made where they are missing. */
export async function openRemoteSession(
  project: Project,
  spec: BigQuerySpec | SnowflakeSpec,
  { runFile, run, env }: SessionOptions,
): Promise<Session> {
  const folders = await makeFolders(project);
  const shared = await shareRemote(project, spec, { env, run });
  const { ledgerPlace, modelPlace, scratchPlace } = shared;
  // The file with a run's tables has its name.
  const marks = runFile === undefined ? {} : { run: path.basename(runFile, ".duckdb") };
  const warehouse = shared.warehouse.labelled(marks);
  const { dialect } = warehouse;
  let desk: DuckDBWarehouse | null = null;
  // Commands of several machines work side by side: each has names of its own.
  const mark = scratchMark(Date.now());
  const scratch = (name: string): string => {
    const relation = dialect.relation(...scratchPlace, `${name}${mark}`);
    shared.made.add(relation);
    return relation;
  };
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await desk?.close();
    await shared.release();
    await rm(folders.spill, { recursive: true, force: true });
  };
  try {
    const opened = await openDuckDB({ tempDirectory: folders.spill });
    desk = opened;
    if (runFile !== undefined)
      await attachPrivate(opened, runFile, "run", (file, alias, readOnly) => opened.attach(file, alias, { readOnly }));
    // They are made together, before the ledger's first table.
    if (!(await shared.tables()).ledger.includes("meta")) await shared.makeSchemas();
  } catch (error) {
    await close();
    throw error;
  }
  const target = desk.dialect.relation(runFile === undefined ? "memory" : "run", "main");
  const standing = standingIn(shared.standing, runFile ?? mark);
  return {
    warehouse,
    durable: true,
    ledgerPlace,
    modelPlace,
    scratchPlace,
    tables: () => shared.tables(),
    modelSchema: dialect.relation(...modelPlace),
    ferry: apart(warehouse, desk, { target, scratch, standing }),
    ledger: (table) => dialect.relation(...ledgerPlace, table),
    relationOf: (what) => relationOf(project, warehouse, ledgerPlace[0] ?? "", what),
    checkReadOnly: async (candidates) => checkOneSelect(candidates),
    warnings: [],
    close,
  };
}

/** After so long a scratch table is taken for gone: it ends after a day, or another run drops it. */
const standsMs = 20 * 3_600_000;

/** What stands in the warehouse of one run's file. */
function standingIn(all: SharedRemote["standing"], file: string): Standing {
  const key = (table: string): string => JSON.stringify([file, table]);
  return {
    of(table) {
      const found = all.get(key(table));
      return found === undefined || Date.now() - found.since > standsMs ? null : found.relation;
    },
    put: (table, relation) => void all.set(key(table), { relation, since: Date.now() }),
    forget: (table) => void all.delete(key(table)),
  };
}

function relationOf(project: Project, { dialect }: Warehouse, top: string, what: Named): string {
  if ("seed" in what)
    throw failure("E707", `seed "${what.seed}" is not loaded into environment ${project.environment.name}`, {
      hint: "seeds stand for sources in environments of DuckDB; read a table of the warehouse by source()",
    });
  if ("dbt" in what) {
    const relation = project.models.get(what.dbt)?.dbt?.relation;
    if (!relation) throw failure("E707", `dbt node "${what.dbt}" has no table`);
    return dialect.relation(relation.database ?? top, relation.schema ?? "", relation.name);
  }
  const resource = project.sources.get(what.source);
  const declared = resource?.spec.tables.find(({ name }) => name === what.table);
  if (resource === undefined || declared === undefined)
    throw failure("E707", `source('${what.source}', '${what.table}') is not declared`);
  const { relation } = declared;
  if (relation !== undefined) return dialect.relation(relation.database ?? top, relation.schema ?? "", relation.name);
  return dialect.relation(resource.spec.database ?? top, schemaOfSource(project, resource.spec), what.table);
}
