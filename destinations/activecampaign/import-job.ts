import type { Batch, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, rejected, runJob, unknown } from "millrace/destination";
import { api, type Config, emailOf } from "./api.ts";
import { contactOf } from "./contact-fields.ts";

/**
 * An import of up to 250 contacts, to its end; one contact an address, the last row speaks for it. `beside`: what every contact
 * has besides its fields.
 */
export function* importAll(batch: Batch, ctx: Context<Config>, beside: object): Exchange<readonly Outcome[]> {
  const contacts = new Map(
    batch.changes.map((change) => [emailOf(change), { ...contactOf(change, "import"), ...beside }]),
  );
  const ended = yield* runJob<string, readonly Outcome[]>(ctx, {
    *start() {
      const response = yield* api.post(ctx, "import/bulk_import", { contacts: [...contacts.values()] });
      const job = response.body?.batchId;
      return response.status === 200 && typeof job === "string" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `import/info?batchId=${encodeURIComponent(job)}`, { afterMs });
      return response.status === 404 ? "forgotten" : verdicts(batch, response, contacts.size);
    },
  });
  return "outcome" in ended ? all(batch, ended.outcome) : ended.result;
}

/** What an import has come to, undefined while it runs; `failure` names the addresses it refused, without reasons. */
function verdicts(batch: Batch, response: HttpResponse, contacts: number): readonly Outcome[] | undefined {
  const { status, success, failure } = response.body ?? {};
  if (["waiting", "claimed", "active"].includes(status)) return undefined;
  if (status === undefined) return all(batch, api.broken(response));
  if (status !== "completed" || success.length + failure.length < contacts)
    return all(batch, unknown(`import ${status}`));

  const refused = new Set(failure.map((address: unknown) => String(address).toLowerCase()));
  const refusal = rejected("import", "refused by ActiveCampaign's import");
  return batch.changes.map((change) => (refused.has(emailOf(change)) ? refusal : accepted()));
}
