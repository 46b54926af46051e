import type { Batch, Context, Exchange, HttpResponse, NamedRefusals, Outcome } from "millrace/destination";
import { accepted, refusingJob, unknown } from "millrace/destination";
import { api, type Config, emailOf, isAbsent } from "./api.ts";
import { attributesOf } from "./attributes.ts";

/** An import into a list, to its end; one contact an address, the last row speaks for it. */
export const importAll = (batch: Batch, ctx: Context<Config>, list: number): Exchange<readonly Outcome[]> =>
  refusingJob<number>(batch, ctx, {
    *start() {
      const response = yield* api.post(ctx, "contacts/import", importOf(batch, list));
      const job = response.body?.processId;
      return response.status === 202 && typeof job === "number" ? { job } : { outcome: api.broken(response) };
    },
    *poll(job, afterMs) {
      const response = yield* api.get(ctx, `processes/${job}`, { afterMs });
      return isAbsent(response) ? "forgotten" : verdict(response);
    },
  });

function importOf({ changes }: Batch, list: number): object {
  const rows = new Map(changes.map((change) => [emailOf(change), attributesOf(change)]));
  return {
    jsonBody: [...rows].map(([email, attributes]) => ({ email, attributes })),
    listIds: [list],
    updateExistingContacts: true,
    // Only where a NULL is there to empty something: each row names all attributes then.
    emptyContactsAttributes: changes.some(({ fields }) => Object.values(fields).includes(null)),
    disableNotification: true,
  };
}

/**
 * What an import has come to; undefined while it runs. Brevo names those it refused in files, one for each kind of refusal,
 * whose columns are unverified.
 */
function verdict(response: HttpResponse): Outcome | NamedRefusals | undefined {
  const { status, info } = response.body ?? {};
  if (["queued", "in_process", "processing"].includes(status)) return undefined;
  if (status !== "completed") return typeof status === "string" ? unknown(`import ${status}`) : api.broken(response);

  const files = info?.import ?? {};
  const anyRefused = Object.values(files).some((file) => typeof file === "string" && file !== "");
  if (!anyRefused) return accepted();
  return { by: "email", files, code: "import_refused_rows", words: "Brevo refused contacts of this import" };
}
