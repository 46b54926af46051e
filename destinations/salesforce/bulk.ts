/** Large batches: a Bulk API 2.0 job that is polled to its end and joined back by the external id. */
import type { Batch, Change, Exchange, Json, Outcome } from "millrace/destination";
import { accepted, all, byKey, csv, csvRows, deferred, rejected, runJob, unknown } from "millrace/destination";
import { api, keyOf, refused, targetOf, type Where } from "./api.ts";

/** Every column any row has: an empty cell keeps what is there, #N/A clears it (facts C1). */
function table(changes: readonly Change[], externalId: string): string {
  const names = new Set(changes.flatMap(({ fields }) => Object.keys(fields)));
  names.delete(externalId);
  const cell = (value: Json = ""): Json => value ?? "#N/A";
  const rows = changes.map((change) => [keyOf(change), ...[...names].map((name) => cell(change.fields[name]))]);
  return csv([externalId, ...names], rows);
}

/** A job that has ended. */
interface Ended {
  readonly job: string;
  readonly state: string;
  readonly words: string;
}

/** Upserts as a job, to the fate of every row. */
export function* upsertAsJob(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const { sobject: object, externalId } = targetOf(ctx);
  const ended = yield* runJob<string, Ended>(ctx, {
    *start() {
      const upsert = { operation: "upsert", externalIdFieldName: externalId, contentType: "CSV", lineEnding: "LF" };
      const made = yield* api.post(ctx, "jobs/ingest", { object, ...upsert });
      const job = made.body?.id;
      if (typeof job !== "string") return { outcome: api.broken(made) };
      const headers = { "content-type": "text/csv" };
      const sent = yield* api.put(ctx, `jobs/ingest/${job}/batches`, table(batch.changes, externalId), { headers });
      if (sent.status !== 201) return { outcome: api.broken(sent) };
      const closed = yield* api.patch(ctx, `jobs/ingest/${job}`, { state: "UploadComplete" });
      return closed.body?.state === "UploadComplete" ? { job } : { outcome: api.broken(closed) };
    },
    *poll(job, afterMs) {
      const { status, body } = yield* api.get(ctx, `jobs/ingest/${job}`, { afterMs });
      if (status === 404) return "forgotten";
      const state = String(body?.state);
      if (state === "UploadComplete" || state === "InProgress") return undefined;
      return { job, state, words: body?.errorMessage ?? state };
    },
  });
  return "outcome" in ended ? all(batch, ended.outcome) : yield* verdicts(batch, ctx, ended.result);
}

function* verdicts(batch: Batch, ctx: Where, { job, state, words }: Ended): Exchange<readonly Outcome[]> {
  const found = /^(JobComplete|Failed|Aborted)$/.test(state) ? yield* results(ctx, job) : undefined;
  if (found === undefined) return all(batch, unknown(`the job ended as ${state}, without readable results`));
  // Of the rows in no list, those of a job that was cut off were not come to.
  const left = state === "Failed" ? rejected("job_failed", words) : state === "Aborted" ? deferred(words) : undefined;
  return byKey(batch, keyOf, found, left);
}

/** The fate of the rows of a job by their external id; undefined where a list cannot be read. */
function* results(ctx: Where, job: string): Exchange<ReadonlyMap<string, Outcome> | undefined> {
  const { externalId } = targetOf(ctx);
  const found = new Map<string, Outcome>();
  for (const kind of ["successfulResults", "failedResults"]) {
    const response = yield* api.get(ctx, `jobs/ingest/${job}/${kind}`, { headers: { accept: "text/csv" } });
    const rows = response.status === 200 ? csvRows(response.text) : undefined;
    if (rows === undefined) return undefined;
    for (const { sf__Id: id, sf__Error: error = "", [externalId]: key = "" } of rows) {
      // As in REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --
      const [, code = "", words = ""] = /^(\w*):?(.*)$/s.exec(error) ?? [];
      found.set(key, kind === "failedResults" ? refused(code, words) : accepted(id));
    }
  }
  return found;
}
