/** Models from .sql files and their YAML, and the queries that segments and audiences name. */
import path from "node:path";
import type { Diagnostic } from "../core.ts";
import type { Claim, Collected } from "./collect.ts";
import type { ProjectFiles } from "./files.ts";
import type { ModelResource, ModelSpec, Resource, SegmentSpec } from "./project.ts";
import { modelSchema } from "./schema/models.ts";
import { didYouMean, nearest, quoteText } from "./suggest.ts";

/** `x.duckdb.sql` stands for `x.sql` on DuckDB (decisions 28, 29); other engines' variants are left alone. */
const variants = ["duckdb", "bigquery", "snowflake"] as const;

interface SqlFile {
  readonly name: string;
  readonly file: string;
  readonly variant: (typeof variants)[number] | null;
}

function sqlFile(file: string): SqlFile {
  const stem = path.posix.basename(file, ".sql");
  const variant = variants.find((type) => stem.endsWith(`.${type}`)) ?? null;
  return { name: variant === null ? stem : stem.slice(0, -variant.length - 1), file, variant };
}

export interface ReadModels {
  readonly models: ReadonlyMap<string, ModelResource>;
  /** Entries of YAML that speak of nodes of dbt (decision 52), by name. */
  readonly ofDbt: ReadonlyMap<string, Resource<ModelSpec>>;
}

/** The folder's SQL files and the entries of YAML brought together; `isDbt` knows the names that dbt has. */
export function readModels(
  collected: Collected,
  files: ProjectFiles,
  engine: (typeof variants)[number],
  isDbt: (name: string) => boolean,
): ReadModels {
  const queries = new Set(
    [...collected.items.segments, ...collected.items.audiences].flatMap(({ file, spec }) =>
      spec.sql === undefined ? [] : [queryPath(file, spec.sql)],
    ),
  );
  const chosen = new Map<string, SqlFile>();
  for (const found of files.list("models", /\.sql$/).map(sqlFile)) {
    if (queries.has(found.file) || (found.variant !== null && found.variant !== engine)) continue;
    const rival = chosen.get(found.name);
    if (rival !== undefined && rival.variant === found.variant) collected.claims.push(claim(rival), claim(found));
    if (rival === undefined || found.variant !== null) chosen.set(found.name, found);
  }
  const entries = new Map<string, Resource<ModelSpec>>();
  for (const entry of collected.items.models) {
    const rival = entries.get(entry.name);
    if (rival)
      collected.diagnostics.push({
        code: "E211",
        severity: "error",
        message: `model ${quoteText(entry.name)} is described twice`,
        at: entry.at(["name"]),
        hint: `first in ${rival.file}:${rival.at(["name"]).line}`,
      });
    else entries.set(entry.name, entry);
    if (!chosen.has(entry.name) && !isDbt(entry.name)) collected.diagnostics.push(withoutSql(entry, chosen.keys()));
  }
  const models = new Map<string, ModelResource>();
  for (const found of chosen.values()) {
    collected.claims.push(claim(found));
    const sql = files.read(found.file);
    if (sql === null) collected.broken.add(`model:${found.name}`);
    else models.set(found.name, { ...(entries.get(found.name) ?? bare(found)), sql, sqlFile: found.file });
  }
  return { models, ofDbt: new Map([...entries].filter(([name]) => !chosen.has(name) && isDbt(name))) };
}

const claim = ({ name, file }: SqlFile): Claim => ({ what: "model", name, at: { file, line: 1, column: 1 } });

/** A model without YAML: every setting at its default. */
function bare({ name, file }: SqlFile): Resource<ModelSpec> {
  return { name, spec: { ...defaults, name }, file, at: () => ({ file, line: 1, column: 1 }) };
}
const defaults = modelSchema.parse({ name: "defaults" });

function withoutSql(entry: Resource<ModelSpec>, names: Iterable<string>): Diagnostic {
  const known = [...names];
  const near = nearest(entry.name, known).length > 0 ? didYouMean(entry.name, known) : undefined;
  return {
    code: "E225",
    severity: "error",
    message: `model ${quoteText(entry.name)} has no SQL: there is no ${entry.name}.sql below models/`,
    at: entry.at(["name"]),
    hint: near ?? `write models/${entry.name}.sql`,
  };
}

/** The path of `sql:`, which is relative to the YAML (decision 28). */
export function queryPath(yaml: string, sql: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(yaml), sql));
}

/** A segment or audience with the text of its query. */
export function withQuery<Spec extends SegmentSpec>(
  item: Resource<Spec>,
  files: ProjectFiles,
  collected: Collected,
): Resource<Spec> {
  if (item.spec.sql === undefined) return item;
  const file = queryPath(item.file, item.spec.sql);
  const report = (code: string, message: string): Resource<Spec> => {
    collected.diagnostics.push({
      code,
      severity: "error",
      message,
      at: item.at(["sql"]),
      hint: "the path is relative to this YAML file",
    });
    return item;
  };
  if (path.posix.isAbsolute(item.spec.sql) || !files.contains(file))
    return report("E341", `sql: ${quoteText(item.spec.sql)} leads outside the project`);
  if (!files.exists(file)) return report("E218", `the file ${quoteText(file)} does not exist`);
  const sqlText = files.read(file);
  return sqlText === null ? item : { ...item, spec: { ...item.spec, sqlText, sqlFile: file } };
}
