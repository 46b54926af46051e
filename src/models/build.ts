import { buildGraph } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import type { Knowledge } from "../ledger/knowledge.ts";
import type { Compiler } from "./compile.ts";
import { wordsOf as ledgerWords } from "../ledger/words.ts";
import type { Session } from "./session.ts";
import { wordsOf } from "./words.ts";

/** In model_schema, beside the tables; no model can have its name (decision 26). */
const listed = "built__models";

/** The list of what stands built in the model schema, null where there is none yet. */
export async function listOfBuilt(session: Session): Promise<string | null> {
  return (await session.tables()).models.includes(listed) ? `${session.modelSchema}.${listed}` : null;
}

/** What stands built in the model schema: model -> definition hash. For `built` of a compiler. */
export async function builtOf(session: Session, { built }: Pick<Knowledge, "built">): Promise<Map<string, string>> {
  const names = new Set((await session.tables()).models);
  return new Map([...built].filter(([name]) => names.has(name)));
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
  const { types } = ledgerWords(warehouse.dialect);
  const instant = warehouse.dialect.columnType("timestamptz");
  if ((await listOfBuilt(session)) === null)
    await warehouse.execute(
      `CREATE TABLE IF NOT EXISTS ${modelSchema}.${listed} (name ${types.text}, ${quote("hash")} ${types.text}, built_at ${instant})`,
    );
  for (const name of models) {
    const hash = compiler.hash(name);
    const made = `CREATE OR REPLACE TABLE ${modelSchema}.${quote(name)} AS ${compiler.definition(name)}`;
    // Where DDL commits by itself: a table that is newer than its line is taken for the line's, and built again.
    if (!warehouse.capabilities.transactionalDdl) await warehouse.execute(made);
    await warehouse.script([
      ...(warehouse.capabilities.transactionalDdl ? [made] : []),
      `DELETE FROM ${modelSchema}.${listed} WHERE name = ${literal(name)}`,
      `INSERT INTO ${modelSchema}.${listed} VALUES (${literal(name)}, ${literal(hash)}, ${wordsOf(warehouse.dialect).now})`,
    ]);
    built.set(name, hash);
  }
  return models;
}
