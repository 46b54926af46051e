import type { Json } from "../core.ts";
import { audienceColumns } from "../audience/rows.ts";
import { countRows, showRows } from "../models/show.ts";
import type { ColumnSpec, Project } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Column } from "../warehouse/warehouse.ts";
import type { CommandContext } from "./command.ts";
import { amount } from "./figures.ts";
import { openProject, type OpenProject } from "./session.ts";
import { allowReveal } from "./reveal.ts";
import { cut, table } from "./table.ts";
import { usage, wholeNumber } from "./usage.ts";
import { withWorkbench, type Workbench } from "./workbench.ts";

interface ShowDocument {
  readonly schema: "millrace/show/v1";
  readonly environment: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly count: number | null;
  readonly sql: string | null;
}

/** Rows, a count or the SQL of one model, seed, segment or audience; personal values are masked. */
export async function showSomething(context: CommandContext): Promise<0> {
  const { values, globals, terminal } = context;
  const limit = wholeNumber("--limit", values.text("limit") ?? "10", 0);
  const opened = await openProject(context, { loadCode: false });
  const name = context.words[0]!;
  requireQueryable(opened.project, name);
  if (context.values.flag("revealPii")) await allowReveal(context, opened, name);
  const document = await withWorkbench(context, opened, (bench) => ask(context, opened, bench, name, limit));
  if (globals.json) terminal.json(document);
  else
    terminal.out(
      await showText(document, values.text("format") ?? "table", terminal.outIsInteractive ? terminal.columns : null),
    );
  return 0;
}

async function ask(
  context: CommandContext,
  opened: OpenProject,
  bench: Workbench,
  name: string,
  limit: number,
): Promise<ShowDocument> {
  const { values } = context;
  const base = {
    schema: "millrace/show/v1" as const,
    environment: opened.project.environment.name,
    name,
    columns: [],
    rows: [],
    count: null,
    sql: null,
  };
  const query = bench.query(name);
  if (values.flag("sql")) return { ...base, sql: query };
  const { warehouse } = bench.session;
  if (values.flag("count")) return { ...base, count: await countRows(warehouse, query) };
  const only = values
    .text("columns")
    ?.split(",")
    .map((column) => column.trim());
  const about = subjectModel(opened.project, name);
  const shown = await showRows(warehouse, {
    query,
    columns: await columnsOf(bench, opened.project, name),
    limit,
    specs: about?.columns ?? [],
    orderBy: about?.primaryKey ?? [],
    reveal: values.flag("revealPii"),
    ...(only === undefined ? {} : { only }),
  });
  return { ...base, columns: shown.columns.map((column) => column.name), rows: shown.rows };
}

async function columnsOf(
  { compiler, audiences, session, query }: Workbench,
  project: Project,
  name: string,
): Promise<readonly Column[]> {
  if (project.models.has(name) || project.seeds.has(name)) return compiler.columns(name);
  return project.audiences.has(name) ? audienceColumns(audiences, name) : session.warehouse.describe(query(name));
}

/** The model whose rows are shown: for `pii:` of its columns and a stable order. */
function subjectModel(
  project: Project,
  name: string,
): { readonly columns: readonly ColumnSpec[]; readonly primaryKey: readonly string[] } | undefined {
  const spec = project.models.get(
    (project.audiences.get(name) ?? project.segments.get(name))?.spec.model ?? name,
  )?.spec;
  return spec && { columns: spec.columns, primaryKey: spec.primary_key };
}

function requireQueryable(project: Project, name: string): void {
  const maps = [project.models, project.seeds, project.segments, project.audiences];
  if (maps.some((map) => map.has(name))) return;
  throw usage(
    `no model, seed, segment or audience is called ${JSON.stringify(name)}`,
    didYouMean(
      name,
      maps.flatMap((map) => Array.from(map.keys())),
      "there are",
    ),
    "E020",
  );
}

/** Widest cell of a table on the screen. */
const widest = 40;

async function showText(
  { name, columns, rows, count, sql }: ShowDocument,
  format: string,
  screen: number | null,
): Promise<string> {
  if (sql !== null) return sql;
  if (count !== null) return String(count);
  if (format === "ndjson")
    return rows
      .map((row) => JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index]]))))
      .join("\n");
  if (format === "csv") {
    const { stringify } = await import("csv-stringify/sync");
    return stringify([
      columns,
      ...rows.map((row) => row.map((value) => (value === null ? "" : cellText(value)))),
    ]).trimEnd();
  }
  const numeric = columns.map((_, index) => rows.some((row) => typeof row[index] === "number"));
  const cells = rows.map((row) =>
    row.map((value) => cut(value === null ? "NULL" : cellText(value).replaceAll("\n", " "), widest)),
  );
  const lines = table(
    columns.map((title, index) => ({ title, align: numeric[index] === true ? "right" : "left" })),
    cells,
  );
  return [
    ...lines.map((line) => (screen === null ? line : cut(line, Math.max(screen, 40)))),
    `${amount(rows.length, "row")} of ${name}`,
  ].join("\n");
}

function cellText(value: Exclude<Json, null>): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
