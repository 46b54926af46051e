import { realpath } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { isInside } from "../project/files.ts";
import type { Project } from "../project/project.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";

const schema = "files";

/** The view of a source table that is a file: `"memory"."files"."shop.customers"`. */
export function fileRelation(warehouse: DuckDBWarehouse, source: string, table: string): string {
  return warehouse.dialect.relation("memory", schema, `${source}.${table}`);
}

/**
 * Makes a view for each source table with `file:` and gives the files, which the cage must leave readable (decision 8).
 * E341 for a file outside the project and its `allow_paths`, E705 for one that is not there.
 */
export async function declareFiles(project: Project, warehouse: DuckDBWarehouse): Promise<readonly string[]> {
  const declared = [...project.sources.values()].flatMap((source) =>
    source.spec.tables.flatMap((table, index) =>
      table.file === undefined ? [] : [{ source, table: table.name, file: table.file, index }],
    ),
  );
  if (declared.length === 0) return [];
  await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS memory.${schema}`);
  const roots = await Promise.all(
    [".", ...project.allowPaths].map((root) => realpath(path.resolve(project.root, root)).catch(() => root)),
  );
  const files: string[] = [];
  for (const { source, table, file, index } of declared) {
    const at = source.at(["tables", index, "file"]);
    const found = await realpath(path.resolve(project.root, file)).catch((cause: unknown) => {
      throw failure("E705", `source ${source.name}.${table}: there is no file ${file}`, { at, cause });
    });
    if (!isInside(found, roots)) {
      throw failure("E341", `source ${source.name}.${table}: ${file} lies outside the project`, {
        at,
        hint: "list its folder under allow_paths in millrace.yml",
      });
    }
    await warehouse.execute(
      `CREATE VIEW ${fileRelation(warehouse, source.name, table)} AS SELECT * FROM ${await reader(warehouse, found)}`,
    );
    files.push(found);
  }
  return files;
}

async function reader(warehouse: DuckDBWarehouse, file: string): Promise<string> {
  const name = file.toLowerCase().replace(/\.(gz|zst)$/, "");
  const text = warehouse.dialect.literal(file);
  if (name.endsWith(".parquet")) return `read_parquet(${text})`;
  if (/\.(jsonl|ndjson|json)$/.test(name)) return `read_json(${text}, sample_size = -1)`;
  return await sniffed(warehouse, text);
}

/** CSV is sniffed over the whole file once a session: a view would sniff it again whenever a statement is bound. */
async function sniffed(warehouse: DuckDBWarehouse, file: string): Promise<string> {
  const [row] = await warehouse.rows(`SELECT Prompt AS call FROM sniff_csv(${file}, sample_size = -1)`);
  const call = /^FROM (read_csv\(.*\));?$/s.exec(String(row?.["call"] ?? "").trim())?.[1];
  return call ?? `read_csv(${file}, sample_size = -1)`;
}
