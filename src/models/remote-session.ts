/** An environment of BigQuery or Snowflake: models and the ledger stand there, the run's tables at a desk of DuckDB here. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";
import { openDuckDB } from "../warehouse/duckdb.ts";
import { apart } from "../warehouse/ferry.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { makeFolders } from "./folders.ts";
import { checkOneSelect } from "./one-select.ts";
import { attachPrivate } from "./own-file.ts";
import { openRemote, remoteTop } from "./remote-warehouse.ts";
import type { Named } from "./resolve.ts";
import type { Session, SessionOptions } from "./session.ts";

/** Opens the warehouse and the desk; schemas of ours are made where they are missing. */
export async function openRemoteSession(
  project: Project,
  spec: BigQuerySpec | SnowflakeSpec,
  { runFile, env }: SessionOptions,
): Promise<Session> {
  const folders = await makeFolders(project);
  // The file with a run's tables has its name.
  const run = runFile === undefined ? {} : { run: path.basename(runFile, ".duckdb") };
  const warehouse = (await openRemote(project, spec, env)).labelled(run);
  const desk = await openDuckDB({ tempDirectory: folders.spill });
  const { dialect } = warehouse;
  const top = remoteTop(spec);
  const places = {
    ledgerPlace: [top, spec.ledger_schema],
    modelPlace: [top, spec.model_schema],
    scratchPlace: [top, `${spec.ledger_schema}_scratch`],
  } as const;
  // Commands of several machines work side by side: each has names of its own.
  const own = randomUUID().slice(0, 8);
  const made = new Set<string>();
  const scratch = (name: string): string => {
    const relation = dialect.relation(...places.scratchPlace, `${name}__${own}`);
    made.add(relation);
    return relation;
  };
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    try {
      for (const relation of made) await warehouse.execute(`DROP TABLE IF EXISTS ${relation}`);
    } catch {
      // A warehouse that does not answer: whoever closes has an error of its own to tell, or has done its work.
    }
    await desk.close();
    await warehouse.close();
    await rm(folders.spill, { recursive: true, force: true });
  };
  try {
    if (runFile !== undefined)
      await attachPrivate(desk, runFile, "run", (file, alias, readOnly) => desk.attach(file, alias, { readOnly }));
    for (const place of Object.values(places))
      await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(...place)}`);
  } catch (error) {
    await close();
    throw error;
  }
  const target = desk.dialect.relation(runFile === undefined ? "memory" : "run", "main");
  return {
    warehouse,
    durable: true,
    ...places,
    modelSchema: dialect.relation(...places.modelPlace),
    ferry: apart(warehouse, desk, { target, scratch }),
    ledger: (table) => dialect.relation(...places.ledgerPlace, table),
    relationOf: (what) => relationOf(project, warehouse, top, what),
    checkReadOnly: async (candidates) => checkOneSelect(candidates),
    warnings: [],
    close,
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
