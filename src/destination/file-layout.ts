/** Files of changes as `file`, `sftp` and `s3` lay them out: one file a batch in a place per sync and run, a manifest last. */
import type { Json } from "../core.ts";
import { csv } from "./csv.ts";
import type { Batch, Context, Summary } from "./index.ts";
import { ndjsonOf, rowsOf, type Row } from "./lines.ts";

/** `changes`: only what changed; `snapshot`: everybody who is wanted. */
export type FileLayout = "changes" | "snapshot";

const prefixes = { add: "adds", update: "updates", remove: "removes" } as const;

/** `adds-<batch>.jsonl`: the same batch, the same name, so that a repeated one replaces its own file. */
export function partName(batch: Batch, format: string, layout: FileLayout = "changes"): string {
  const prefix = layout === "snapshot" ? "members" : prefixes[batch.op];
  return `${prefix}-${batch.id.replace(/[^A-Za-z0-9_-]/g, "_")}.${format}`;
}

/** Columns of a batch's rows: `key`, then `identifiers.<kind>` and `fields.<name>`, sorted. */
export function tableOf(batch: Batch): {
  readonly columns: readonly string[];
  readonly cells: readonly (readonly Json[])[];
} {
  const rows: readonly Row[] = rowsOf(batch);
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

/** A batch as the content of its file. */
export function partText(batch: Batch, format: "jsonl" | "csv"): string | Uint8Array {
  if (format === "jsonl") return ndjsonOf(batch);
  const { columns, cells } = tableOf(batch);
  return csv(columns, cells);
}

type Place = Pick<Context, "sync" | "runId" | "environment" | "asOf">;

export interface ManifestOptions {
  /** The run whose files these are. */
  readonly run: string;
  readonly files: readonly string[];
  readonly format: string;
  readonly layout: FileLayout;
  readonly summary: Summary;
}

/** The text of `manifest.json`; counts only for the run that is ending, since of one that was killed nobody knows them. */
export function manifestText(ctx: Place, { run, files, format, layout, summary }: ManifestOptions): string {
  const own = run === ctx.runId;
  const manifest = {
    schema: "millrace/files/v1",
    sync: ctx.sync,
    run_id: run,
    environment: ctx.environment,
    format,
    layout,
    interrupted: !own,
    files,
    ...(own ? { as_of: new Date(ctx.asOf).toISOString(), rows: summary.accepted } : {}),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
