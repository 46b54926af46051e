/** Many profiles at once: an import job, to the fate of every row. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import {
  accepted,
  all,
  paged,
  recordIds,
  rejected,
  rejectedPartly,
  rowByRow,
  runJob,
  unknown,
} from "millrace/destination";
import { api, type Config, isAboutPhone, type KlaviyoError, worded } from "./api.ts";
import { attributesOf, withoutPhone } from "./attributes.ts";
import { importOne, profiles } from "./profiles.ts";

const jobs = "profile-bulk-import-jobs";

/** Writes all rows in a job; with `list` the job puts its profiles there itself. */
export function* importAll(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const ended = yield* runJob<string, { readonly job: string; readonly status: unknown }>(ctx, {
    *start() {
      const response = yield* api.post(ctx, jobs, { data: jobOf(batch, list) });
      const job = response.body?.data?.id;
      return response.status === 202 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `${jobs}/${job}`, { afterMs });
      const status = response.body?.data?.attributes?.status;
      return status === "queued" || status === "processing" ? undefined : { job, status };
    },
  });
  if ("outcome" in ended) return all(batch, ended.outcome);
  const { job, status } = ended.result;
  if (status !== "complete") return all(batch, unknown(`import job ended as ${status}`));

  const errors = yield* errorsOfJob(ctx, job);
  if (!Array.isArray(errors)) return all(batch, unknown("broken answer: no import errors"));
  return yield* verdicts(batch, ctx, errors);
}

function jobOf({ changes }: Batch, list: string | undefined): object {
  const data = changes.map((change) => ({ type: "profile", attributes: attributesOf(change) }));
  const lists = list === undefined ? {} : { relationships: { lists: { data: [{ type: "list", id: list }] } } };
  return { type: "profile-bulk-import-job", attributes: { profiles: { data } }, ...lists };
}

const errorsOfJob = (ctx: Context<Config>, job: string): Exchange<readonly any[] | HttpResponse> =>
  paged<any>(
    (nextPage = "") => api.get(ctx, `${jobs}/${job}/import-errors?page[size]=100${nextPage}`),
    ({ body }) => body?.data,
    ({ body }) => {
      // A whole address, of which the cursor alone is taken.
      const next = body.links?.next;
      if (!next) return undefined;
      return `&page[cursor]=${encodeURIComponent(new URL(next).searchParams.get("page[cursor]") ?? "")}`;
    },
  );

/**
 * Rows that no error points at were taken; one whose phone was refused is written again without it. Where an error points at no
 * row, any of them may be the one.
 */
function* verdicts(batch: Batch, ctx: Context<Config>, errors: readonly any[]): Exchange<readonly Outcome[]> {
  const errorOf = new Map<Change | undefined, KlaviyoError>();
  for (const item of errors) {
    const error: KlaviyoError = item.attributes ?? item;
    errorOf.set(changeAt(batch, error), error);
  }
  const unplaced = errorOf.get(undefined);
  if (unplaced !== undefined) {
    const refused = batch.changes.length === 1 ? rejected : rejectedPartly;
    return all(batch, refused(worded(unplaced).code, worded(unplaced).message));
  }
  const found = yield* recordIds(batch.changes, profiles(ctx));
  const ids: ReadonlyMap<Change, string> = found instanceof Map ? found : new Map();
  return yield* rowByRow(batch, function* (change) {
    const error = errorOf.get(change);
    if (error === undefined) return accepted(ids.get(change));
    if (isAboutPhone(error)) return yield* importOne(ctx, withoutPhone(attributesOf(change)));
    return rejected(worded(error).code, worded(error).message);
  });
}

/** The row that an error means, by its pointer: `/data/attributes/profiles/data/N`. */
const changeAt = ({ changes }: Batch, { source }: KlaviyoError): Change | undefined =>
  changes[Number(/profiles\/data\/(\d+)/.exec(String(source?.pointer))?.[1])];
