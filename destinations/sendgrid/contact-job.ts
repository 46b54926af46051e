import type { Batch, Exchange, HttpResponse, Json, NamedRefusals, Outcome } from "millrace/destination";
import { accepted, refusingJob } from "millrace/destination";
import { api, type Place } from "./api.ts";

/**
 * A job to its end, since its 202 only says that it was queued; whom it refused stands in a file, whose columns are unverified.
 * `start`: the call that begins it.
 */
export const contactJob = (
  batch: Batch,
  ctx: Place & { readonly checkpoint?: Json },
  start: () => Exchange<HttpResponse>,
): Exchange<readonly Outcome[]> =>
  refusingJob<string>(batch, ctx, {
    *start() {
      const response = yield* start();
      const job = response.body?.job_id;
      return response.status === 202 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `marketing/contacts/imports/${job}`, { afterMs });
      return response.status === 404 ? "forgotten" : verdict(response);
    },
  });

/** What a job has come to; undefined while it runs. */
function verdict(response: HttpResponse): Outcome | NamedRefusals | undefined {
  const { status, results } = response.body ?? {};
  if (status === "pending") return undefined;
  if (status === "completed") return accepted();
  if (status !== "errored" && status !== "failed") return api.broken(response);
  const code = `job_${status}`;
  return {
    by: "email",
    files: { [code]: results?.errors_url },
    count: status === "failed" ? "all" : Number(results?.errored_count),
    code,
    words: "SendGrid refused contacts of this job",
  };
}
