import { buildGraph } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import type { Compiler } from "./compile.ts";
import type { Session } from "./session.ts";

/** In model_schema, beside the tables; no model can have its name (decision 26). */
const listed = "built__models";

/** What stands built in the model schema: model -> definition hash. For `built` of a compiler. */
export async function builtModels(session: Session): Promise<Map<string, string>> {
  const { warehouse } = session;
  const tables = await warehouse.rows(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = 'ledger' AND schema_name = ${warehouse.dialect.literal(session.modelSchemaName)}`,
  );
  const names = new Set(tables.map((row) => row["table_name"]));
  if (!names.has(listed)) return new Map();
  const rows = await warehouse.rows(`SELECT name, hash FROM ${session.modelSchema}.${listed}`);
  return new Map(rows.filter((row) => names.has(row["name"])).map((row) => [row["name"], row["hash"]]));
}

/**
 * Builds the `table` models that these need, themselves included, parents first; each table is there whole or as before.
 *
 * `built` is the map that the compiler was given: it is updated, so that what is compiled afterwards reads the new tables.
 * Only `sync` builds (decision 1); the session must be open for writing.
 */
export async function buildModels(
  project: Project,
  session: Session,
  compiler: Compiler,
  built: Map<string, string>,
  ids: readonly string[],
): Promise<readonly string[]> {
  const { warehouse, modelSchema } = session;
  const { literal, quote } = warehouse.dialect;
  const graph = buildGraph(project);
  const needed = new Set(ids.flatMap((id) => [id, ...graph.upstream(id)]));
  const models = graph.order
    .filter((id) => needed.has(id) && id.startsWith("model:"))
    .map((id) => id.slice("model:".length))
    .filter((name) => project.models.get(name)?.spec.materialize === "table");
  if (models.length === 0) return [];
  await warehouse.execute(
    `CREATE TABLE IF NOT EXISTS ${modelSchema}.${listed} (name VARCHAR, hash VARCHAR, built_at TIMESTAMPTZ)`,
  );
  for (const name of models) {
    const hash = compiler.hash(name);
    await warehouse.script([
      `CREATE OR REPLACE TABLE ${modelSchema}.${quote(name)} AS ${compiler.definition(name)}`,
      `DELETE FROM ${modelSchema}.${listed} WHERE name = ${literal(name)}`,
      `INSERT INTO ${modelSchema}.${listed} VALUES (${literal(name)}, ${literal(hash)}, now())`,
    ]);
    built.set(name, hash);
  }
  return models;
}
