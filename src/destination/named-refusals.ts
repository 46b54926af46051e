import type { Json, Outcome } from "../core.ts";
import { download } from "./download.ts";
import type { Batch, Change, Context, Exchange } from "./index.ts";
import { type JobOptions, runJob } from "./job.ts";
import { accepted, all, rejected, rejectedEach, rejectedPartly } from "./outcomes.ts";
import { refusalFile } from "./refusal-file.ts";

/** Refusals that a platform names in files at other addresses. */
export interface NamedRefusals {
  /** The addresses, by the code that the rows in each are refused with; what is no text is no file. */
  readonly files: Readonly<Record<string, unknown>>;
  /** Kind of the identifier that the files know a row by. */
  readonly by: string;
  /** How many the platform says it refused; absent where it does not say: then every line must name one of the rows. */
  readonly count?: number | "all";
  /** Code and words for rows that the files do not tell apart, words also for a row that a file names without any. */
  readonly code: string;
  readonly words: string;
}

/** {@link runJob} for platforms that name in files whom a job refused: an outcome for all rows, or where to look for theirs. */
export function* refusingJob<State extends Json>(
  batch: Batch,
  ctx: Pick<Context, "checkpoint">,
  job: JobOptions<State, Outcome | NamedRefusals>,
): Exchange<readonly Outcome[]> {
  const ended = yield* runJob(ctx, job);
  const end = "outcome" in ended ? ended.outcome : ended.result;
  return "status" in end ? all(batch, end) : yield* namedRefusals(batch, end);
}

/**
 * The rows that the files name are refused in the files' words, the others accepted, but only where the files account for every
 * refusal. Where they do not, or cannot be read, the batch counts as refused in part, so that it is halved until those rows are alone.
 */
export function* namedRefusals(batch: Batch, refusals: NamedRefusals): Exchange<readonly Outcome[]> {
  const { by, code, files, words } = refusals;
  const nameOf = ({ identifiers }: Change): string => (identifiers[by] ?? "").toLowerCase();
  const whole = refusals.count === "all" || batch.changes.length === 1 ? rejected : rejectedPartly;
  const untold = (why: string): readonly Outcome[] => all(batch, whole(code, `${words}; ${why}`));
  const sent = new Set(batch.changes.map(nameOf));
  const count = refusals.count === "all" ? sent.size : refusals.count;
  const refused = new Map<string, Outcome>();
  for (const [kind, url] of Object.entries(files)) {
    if (typeof url !== "string" || url === "") continue;
    const file = yield* download(url);
    if ("unread" in file) return untold(file.unread);
    const found = refusalFile(file.text, sent, by);
    if (found === undefined || (count === undefined && found.strange > 0)) return untold("its file does not say which");
    for (const [name, told] of found.words)
      if (!refused.has(name)) refused.set(name, rejectedEach(kind, told === "" ? words : told));
  }
  if (refused.size === 0) return all(batch, whole(code, words));
  if (count !== undefined && refused.size !== count)
    return untold(`its file names ${refused.size} of ${count} that were refused`);
  return batch.changes.map((change) => refused.get(nameOf(change)) ?? accepted());
}
