/** Columns of what no query makes: sources, seeds and nodes that dbt fills. Files are described, not loaded. */
import path from "node:path";
import { MillraceError } from "../errors.ts";
import type { ColumnSpec, Project, SeedFile } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { declareFiles, fileRelation } from "./files.ts";
import type { Names } from "./plain-pass.ts";

/** All columns of a table of a source that a seed or a file stands for, else those that are listed; null when none is. */
export async function sourceColumns(
  project: Project,
  parser: DuckDBWarehouse,
  source: string,
  table: string,
): Promise<Names | null> {
  const spec = project.sources.get(source)?.spec;
  const declared = spec?.tables.find(({ name }) => name === table);
  const seed = project.seeds.get(`${spec === undefined ? source : schemaOfSource(project, spec)}.${table}`);
  if (seed !== undefined) return seedColumns(project, parser, seed);
  if (declared?.file !== undefined) {
    const found = await described(async () => {
      await declareFiles(project, parser);
      return parser.describe(`SELECT * FROM ${fileRelation(parser, source, table)}`);
    });
    if (found !== null) return found;
  }
  const ofDbt = project.dbt?.sources.get(source)?.tables.find(({ name }) => name === table);
  return listedColumns(declared?.columns ?? ofDbt?.columns ?? []);
}

/** The columns of a seed's file; null when it cannot be read. */
export function seedColumns(project: Project, parser: DuckDBWarehouse, seed: SeedFile): Promise<Names | null> {
  const file = parser.dialect.literal(path.resolve(project.root, seed.path));
  const readers = {
    csv: `read_csv(${file}, header = true, all_varchar = true)`,
    parquet: `read_parquet(${file})`,
    jsonl: `read_json(${file}, format = 'newline_delimited', sample_size = -1)`,
  };
  return described(() => parser.describe(`SELECT * FROM ${readers[seed.format]}`));
}

/** Columns that YAML lists: there are those at least. */
export function listedColumns(columns: readonly ColumnSpec[]): Names | null {
  return columns.length === 0 ? null : { names: columns.map(({ name }) => name), complete: false };
}

async function described(describe: () => Promise<readonly { readonly name: string }[]>): Promise<Names | null> {
  try {
    return { names: (await describe()).map(({ name }) => name), complete: true };
  } catch (error) {
    // A file that is gone or broken is told by those who load it.
    if (error instanceof MillraceError) return null;
    throw error;
  }
}
