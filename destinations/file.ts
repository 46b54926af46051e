/**
 * Files in a folder per sync and run: `<path>/<sync>/<run>/`, one file per batch, the manifest last. A run writes into
 * `.<run>.partial` beside it and renames that at its end, so a reader never meets half a run. A batch written twice replaces
 * its own file, hence delivery `set`.
 */
import type { Batch, Context, Effect, Exchange, Json, Outcome, Row, Summary } from "millrace/destination";
import { accepted, all, anyValue, csv, defineDestination, defineObject, exact } from "millrace/destination";
import { ndjsonOf, networkSettings, rowsOf } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  path: z.string().min(1).describe("Folder for the files, relative to the project."),
  format: z.enum(["jsonl", "csv", "parquet"]).default("jsonl").describe("Form of the files."),
  layout: z
    .enum(["changes", "snapshot"])
    .default("changes")
    .describe("Only what changed (adds, updates, removes), or everybody who is wanted."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Where = Pick<Context<Config>, "config" | "sync" | "runId" | "environment">;

const prefixes = { add: "adds", update: "updates", remove: "removes" } as const;
const partial = /^\.(.+)\.partial$/;
const openFolder = (sync: string, run: string): string => `${sync}/.${run}.partial`;

function partName(batch: Batch, { config }: Where): string {
  const prefix = config.layout === "snapshot" ? "members" : prefixes[batch.op];
  return `${prefix}-${batch.id.replace(/[^A-Za-z0-9_-]/g, "_")}.${config.format}`;
}

/** Columns of a table of rows: `key`, then `identifiers.<kind>` and `fields.<name>`, sorted. */
function table(rows: readonly Row[]): { columns: readonly string[]; cells: readonly (readonly Json[])[] } {
  const kinds = [...new Set(rows.flatMap(({ identifiers }) => Object.keys(identifiers)))].toSorted();
  const names = [...new Set(rows.flatMap(({ fields }) => Object.keys(fields ?? {})))].toSorted();
  return {
    columns: ["key", ...kinds.map((kind) => `identifiers.${kind}`), ...names.map((name) => `fields.${name}`)],
    cells: rows.map(({ key, identifiers, fields }) => [
      key,
      ...kinds.map((kind) => identifiers[kind] ?? null),
      ...names.map((name) => fields?.[name] ?? null),
    ]),
  };
}

function* writePart(path: string, batch: Batch, format: Config["format"]): Exchange<void> {
  const beside = `${path}.tmp`;
  if (format === "jsonl") yield { file: { write: beside, content: ndjsonOf(batch) } } satisfies Effect;
  else {
    const { columns, cells } = table(rowsOf(batch));
    if (format === "csv") yield { file: { write: beside, content: csv(columns, cells) } } satisfies Effect;
    else yield { file: { parquet: beside, columns, rows: cells } } satisfies Effect;
  }
  yield { file: { rename: beside, to: path } } satisfies Effect;
}

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { sync, runId, config } = ctx;
  yield* writePart(`${openFolder(sync, runId)}/${partName(batch, ctx)}`, batch, config.format);
  return all(batch, accepted());
}

function* listed(folder: string): Exchange<readonly string[]> {
  return (yield { file: { list: folder } } satisfies Effect) as readonly string[];
}

/** Closes this run's folder, and those of runs that were killed: their files hold what the ledger knows as accepted. */
function* finish(ctx: Context<Config>, summary: Summary): Exchange<void> {
  const { sync, runId, config, environment } = ctx;
  for (const name of [...(yield* listed(sync))].toSorted()) {
    const run = partial.exec(name)?.[1];
    if (run === undefined) continue;
    const own = run === runId;
    const files = (yield* listed(`${sync}/${name}`)).filter((file) => file.endsWith(`.${config.format}`)).toSorted();
    const manifest = {
      schema: "millrace/files/v1",
      sync,
      run_id: run,
      environment,
      format: config.format,
      layout: config.layout,
      interrupted: !own,
      files,
      ...(own ? { as_of: new Date(ctx.asOf).toISOString(), rows: summary.accepted } : {}),
    };
    const path = `${openFolder(sync, run)}/manifest.json`;
    yield { file: { write: `${path}.tmp`, content: `${JSON.stringify(manifest, null, 2)}\n` } } satisfies Effect;
    yield { file: { rename: `${path}.tmp`, to: path } } satisfies Effect;
    yield { file: { rename: openFolder(sync, run), to: `${sync}/${run}` } } satisfies Effect;
  }
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue({ describe: "Any column" }),
  limits: { rows: 50_000, concurrency: 1 },
  lateMs: 0,
  passThrough: true,
  configure: ({ layout, format }: Config) => ({
    needs: layout === "snapshot" ? ("members" as const) : ("changes" as const),
    passThrough: format === "jsonl",
  }),
  deliver,
  finish,
} as const;

export default defineDestination<Config>({
  name: "file",
  describe: "Files in a folder: JSON lines, CSV or Parquet.",
  docs: "https://jsonlines.org",
  config: settings,
  credentials: z.strictObject({}),
  guide: {
    credentials: "None: files are written below the project, readable by their owner only.",
    refused: "Nothing is refused; a disk that is full or may not be written stops the sync with its reason.",
    erasure: "Files already written are yours to delete; the person is in none of the next ones.",
  },
  effects: ["file"],
  hosts: () => [],
  auth: { type: "none" },
  objects: {
    member: defineObject<Config, string>({ ...common, describe: "Being a member of the audience", kind: "membership" }),
    record: defineObject<Config, string>({ ...common, describe: "A record with fields", kind: "record" }),
  },
});
