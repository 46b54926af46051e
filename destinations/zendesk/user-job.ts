import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, all, byIndex, rejected, runJob, unknown } from "millrace/destination";
import { api, type Config, isAbsent } from "./api.ts";
import { bodyOf, type Kind, upsertEach } from "./single.ts";

/**
 * Upserts users as a job that is polled to its verdicts, which stand in the order of the users; one by one where Zendesk has
 * not enabled bulk imports for the account (HTTP 403).
 */
export function* upsertAsJob(batch: Batch, ctx: Context<Config>, kind: Kind): Exchange<readonly Outcome[]> {
  let forbidden = false;
  const ended = yield* runJob<string, readonly Outcome[]>(ctx, {
    *start() {
      const users = batch.changes.map((change) => bodyOf(kind, change));
      const response = yield* api.post(ctx, "users/create_or_update_many", { users });
      const id = response.body?.job_status?.id;
      if (typeof id === "string") return { job: id };
      forbidden = response.status === 403;
      return { outcome: forbidden ? unknown("jobs are not enabled") : api.broken(response) };
    },
    *poll(id, afterMs) {
      const response = yield* api.get(ctx, `job_statuses/${id}`, { afterMs });
      if (isAbsent(response)) return "forgotten";
      const { status, results } = response.body?.job_status ?? {};
      if (status === "queued" || status === "working") return undefined;
      if (status === "completed") return byIndex(batch, results, verdict);
      return all(batch, typeof status === "string" ? unknown(`job ${status}`) : api.broken(response));
    },
  });
  if (forbidden) return yield* upsertEach(batch, ctx, kind);
  return "outcome" in ended ? all(batch, ended.outcome) : ended.result;
}

/** The `id` of a result that failed is no user's. */
function verdict({ id, status, error, details }: any): Outcome | undefined {
  if (status === "Failed" || error !== undefined)
    return rejected(String(error ?? "Failed"), String(details ?? "refused"));
  return (status === "Created" || status === "Updated") && typeof id === "number" ? accepted(String(id)) : undefined;
}
