import type { Batch, Context, Exchange, Outcome, Summary } from "millrace/destination";
import { all, anyValue, defineObject, exact, manifestText, partName, partText, stop } from "millrace/destination";
import { type Config, keyOf, list, remove, write } from "./store.ts";

const types = { jsonl: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

/** An object per batch, after one that says that the run is open. */
function* deliver(batch: Batch, { config, sync, runId }: Context<Config>): Exchange<readonly Outcome[]> {
  const { format } = config;
  const opened = yield* write(config, keyOf(config, sync, ".open", runId), "", "text/plain");
  if (opened.status !== "accepted") return all(batch, opened);
  const key = keyOf(config, sync, runId, partName(batch, format));
  return all(batch, yield* write(config, key, partText(batch, format), types[format]));
}

/** Rows are at the store, but readers wait for the manifest: the next run writes it. */
const openStill = ({ status }: Outcome): never =>
  stop("target", `the run's files have no manifest yet (${status})`, "the next `millrace sync` writes it");

function* listed(config: Config, folder: string): Exchange<readonly string[]> {
  const names = yield* list(config, folder);
  return "status" in names ? openStill(names) : names;
}

/** Gives this run's files, and those of runs that were killed, their manifest. */
function* finish(ctx: Context<Config>, summary: Summary): Exchange<void> {
  const { config, sync } = ctx;
  const { format } = config;
  for (const run of yield* listed(config, keyOf(config, sync, ".open"))) {
    const folder = keyOf(config, sync, run);
    const files = (yield* listed(config, folder)).filter((name) => name.endsWith(`.${format}`)).toSorted();
    const text = manifestText(ctx, { run, files, format, layout: "changes", summary });
    const wrote = yield* write(config, `${folder}/manifest.json`, text, "application/json");
    if (wrote.status !== "accepted") openStill(wrote);
    yield* remove(config, keyOf(config, sync, ".open", run));
  }
}

/** `record`: the changes of any model, as lines of files. */
export const record = defineObject<Config, string>({
  describe: "A record with fields",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue({ describe: "Any column" }),
  // A single PUT takes 5 GB (facts D4); files stay of a size that readers like.
  limits: { rows: 50_000, bytes: 64_000_000, concurrency: 2 },
  passThrough: true,
  configure: ({ format }: Config) => ({ passThrough: format === "jsonl" }),
  deliver,
  finish,
});
