/**
 * A folder per sync and run: `<sync>/<run>/`. A run writes into `.<run>.partial` beside it and renames that at its end, so a
 * reader never meets half a run; what a killed run left open is closed by the next. A batch written twice replaces its own
 * file.
 */
import type { Outcome } from "../core.ts";
import type { Effect, FileEffect } from "./effect.ts";
import { type FileLayout, manifestText, partName, partText, tableOf } from "./file-layout.ts";
import type { Batch, Context, Exchange, Summary } from "./index.ts";
import { accepted, all } from "./outcomes.ts";

export interface FolderConfig {
  readonly format: "jsonl" | "csv" | "parquet";
  readonly layout: FileLayout;
}

type Where = Context<FolderConfig>;

const partial = /^\.(.+)\.partial$/;
const openFolder = (sync: string, run: string): string => `${sync}/.${run}.partial`;

/** `deliver` and `finish` of an object that writes such folders through file effects of one kind. */
export function runFolders(effect: (file: FileEffect) => Effect): {
  readonly deliver: (batch: Batch, ctx: Where) => Exchange<readonly Outcome[]>;
  readonly finish: (ctx: Where, summary: Summary) => Exchange<void>;
} {
  function* moved(beside: FileEffect, path: string): Exchange<void> {
    yield effect(beside);
    yield effect({ rename: `${path}.tmp`, to: path });
  }
  function* listed(folder: string): Exchange<readonly string[]> {
    return (yield effect({ list: folder })) as readonly string[];
  }
  return {
    *deliver(batch, { sync, runId, config: { format, layout } }) {
      const path = `${openFolder(sync, runId)}/${partName(batch, format, layout)}`;
      if (format === "parquet") {
        const { columns, cells } = tableOf(batch);
        yield* moved({ parquet: `${path}.tmp`, columns, rows: cells }, path);
      } else yield* moved({ write: `${path}.tmp`, content: partText(batch, format) }, path);
      return all(batch, accepted());
    },
    /** Closes this run's folder, and those of runs that were killed: their files hold what the ledger knows as accepted. */
    *finish(ctx, summary) {
      const { sync, config } = ctx;
      for (const name of [...(yield* listed(sync))].toSorted()) {
        const run = partial.exec(name)?.[1];
        if (run === undefined) continue;
        const inside = yield* listed(`${sync}/${name}`);
        const files = inside.filter((file) => file.endsWith(`.${config.format}`)).toSorted();
        const path = `${openFolder(sync, run)}/manifest.json`;
        const content = manifestText(ctx, { run, files, format: config.format, layout: config.layout, summary });
        yield* moved({ write: `${path}.tmp`, content }, path);
        yield effect({ rename: openFolder(sync, run), to: `${sync}/${run}` });
      }
    },
  };
}
