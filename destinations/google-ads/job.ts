/** Jobs of operations on one list: made, filled and run; each operation says one person. */
import type { Batch, Change, Context, Effect, Exchange, Outcome } from "millrace/destination";
import { accepted, chunks, consentOf, deferred, matchAddress, matchRateOf, numberFrom } from "millrace/destination";
import { rpcStatus, unknown, violatedRows } from "millrace/destination";
import { api, type Config, isAnswer, search } from "./api.ts";

const listOf = ({ config, remote }: Context<Config>): string => `customers/${config.customer}/userLists/${remote.id}`;

/** One person an operation. */
function operationOf({ op, identifiers: { email, phone }, fields }: Change): object {
  const address = matchAddress(fields);
  const userIdentifiers: object[] = [];
  if (email !== undefined) userIdentifiers.push({ hashedEmail: email });
  if (phone !== undefined) userIdentifiers.push({ hashedPhoneNumber: phone });
  if (address !== undefined) {
    const { givenName: hashedFirstName, familyName: hashedLastName, regionCode: countryCode, postalCode } = address;
    userIdentifiers.push({ addressInfo: { hashedFirstName, hashedLastName, countryCode, postalCode } });
  }
  return { [op === "remove" ? "remove" : "create"]: { userIdentifiers } };
}

type Begun = { readonly job?: string; readonly refused: ReadonlyMap<number, Outcome> } | { readonly outcome: Outcome };

/** Makes a job, fills and runs it; rows whose operations are refused are not in it. */
export function* begin(batch: Batch, ctx: Context<Config>): Exchange<Begun> {
  // Jobs that were made and never run stay PENDING, and work on nothing.
  const running = yield* search(
    ctx,
    `SELECT offline_user_data_job.id FROM offline_user_data_job WHERE offline_user_data_job.status = 'RUNNING' AND offline_user_data_job.customer_match_user_list_metadata.user_list = '${listOf(ctx)}'`,
  );
  if (isAnswer(running)) return { outcome: api.broken(running) };
  if (running.length > 0) return { outcome: deferred("another job works on the list") };
  const consent = batch.op === "remove" ? {} : consentOf(ctx.config, (status) => status);
  const job = {
    type: "CUSTOMER_MATCH_USER_LIST",
    customerMatchUserListMetadata: { userList: listOf(ctx), ...consent },
    externalId: String(numberFrom(batch.id)),
  };
  // Until it is run a job changes nothing.
  const created = { job, enableMatchRateRangePreview: true };
  const made = yield* api.post(ctx, "offlineUserDataJobs:create", created, { harmless: true });
  const id = /\/offlineUserDataJobs\/(\d+)$/.exec(String(made.body?.resourceName))?.[1];
  if (id === undefined) return { outcome: api.broken(made) };
  const refused = yield* fill(batch, ctx, id);
  if (!(refused instanceof Map)) return { outcome: refused };
  if (refused.size === batch.changes.length) return { refused };
  const run = yield* api.post(ctx, `offlineUserDataJobs/${id}:run`, {});
  return run.status === 200 ? { job: id, refused } : { outcome: api.broken(run) };
}

/** Adds the operations; the rows that are refused, or one outcome for all. */
function* fill(batch: Batch, ctx: Context<Config>, id: string): Exchange<Map<number, Outcome> | Outcome> {
  const refused = new Map<number, Outcome>();
  let first = 0;
  // 100,000 identifiers a request at most (facts A4), three of a person.
  for (const some of chunks(batch.changes, 30_000)) {
    const body = { enablePartialFailure: true, operations: some.map(operationOf) };
    const response = yield* api.post(ctx, `offlineUserDataJobs/${id}:addOperations`, body);
    const failure: unknown = response.body?.partialFailureError;
    const fate = api.broken(failure === undefined ? response : { ...response, body: { error: failure } });
    const rows = violatedRows(rpcStatus(failure), "operations");
    // All taken is answered with an empty object.
    const taken = failure === undefined && response.status === 200 && response.body && !Array.isArray(response.body);
    if (!taken && rows.length === 0) return fate;
    for (const [row, outcome] of rows) refused.set(first + row, outcome);
    first += some.length;
  }
  return refused;
}

/** What became of a job: undefined while it is worked on; an answer in passing tells its match rate. */
export function* fateOf(
  id: string,
  ctx: Context<Config>,
  afterMs: number,
): Exchange<Outcome | undefined | "forgotten"> {
  const found = yield* search(
    ctx,
    `SELECT offline_user_data_job.status, offline_user_data_job.failure_reason, offline_user_data_job.operation_metadata.match_rate_range FROM offline_user_data_job WHERE offline_user_data_job.id = ${id}`,
    afterMs,
  );
  if (isAnswer(found)) return api.broken(found);
  if (found.length === 0) return "forgotten";
  const { status, failureReason, operationMetadata } = found[0]?.offlineUserDataJob ?? {};
  const matchRate = matchRateOf(operationMetadata?.matchRateRange);
  if (matchRate !== undefined) yield { measured: { matchRate } } satisfies Effect;
  if (status === "PENDING" || status === "RUNNING") return undefined;
  if (status === "SUCCESS") return accepted();
  return status === "FAILED"
    ? deferred(`Google Ads failed to work on the job: ${String(failureReason ?? "it gives no reason")}`)
    : unknown("broken answer: no status of the job");
}
