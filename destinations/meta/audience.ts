/** Customer-file custom audiences: being a member, by any of four keys. */
import type { Batch, Change, Context, Exchange, Measured, Outcome } from "millrace/destination";
import { all, defineObject, ensureNamed, exact, hashed, numberFrom, paged, sizeOf } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { contactPoints, person, privacy } from "./person.ts";

const kinds = ["email", "phone", "madid", "extern_id"] as const;
const fields = {
  ...person,
  fi: hashed.initial(),
  zip: hashed.zip(),
  gen: hashed.gender(),
  doby: hashed.birthYear(),
  dobm: hashed.birthMonth(),
  dobd: hashed.birthDay(),
  ...privacy,
};

interface Columns {
  readonly kinds: readonly string[];
  readonly fields: readonly string[];
}

/** What any row of the batch has. */
const columnsOf = ({ changes }: Batch): Columns => ({
  kinds: kinds.filter((kind) => changes.some(({ identifiers }) => identifiers[kind] !== undefined)),
  fields: Object.keys(fields).filter((name) => changes.some((change) => (change.fields[name] ?? null) !== null)),
});

/** One row per change; "" where a row has no value, as Meta asks. */
function payload(changes: readonly Change[], columns: Columns): object {
  const names = [...columns.kinds, ...columns.fields];
  const none = (name: string) => (name === "data_processing_options" ? [] : "");
  return {
    schema: names.map((name) => name.toUpperCase()),
    data: changes.map((change) => [
      ...columns.kinds.map((kind) => change.identifiers[kind] ?? ""),
      ...columns.fields.map((name) => change.fields[name] ?? none(name)),
    ]),
  };
}

/**
 * Changes of a batch stand alone, as a session of one request, and may come again. A run that replaces the audience is one
 * session over all its requests: numbered, of the same columns, closed by the last (facts A1).
 */
function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { changes, op, run } = batch;
  const alone = { number: 1, last: true, rows: changes.length, ...columnsOf(batch) };
  const { number, last, rows, ...columns } = run ?? alone;
  const session = {
    session_id: numberFrom(run === undefined ? batch.id : `${ctx.runId} ${ctx.sync}`),
    batch_seq: number,
    last_batch_flag: last,
    estimated_num_total: rows,
  };
  const call = op === "remove" ? api.del : api.post;
  const path = `${ctx.remote.id}/${run === undefined ? "users" : "usersreplace"}`;
  // A first request that came again would begin the session anew.
  const extra = run?.number === 1 ? { once: true } : {};
  const response = yield* call(ctx, path, { session, payload: payload(changes, columns) }, extra);
  const { num_received: received, num_invalid_entries: invalid } = Object(response.body);
  if (typeof received !== "number") return all(batch, api.broken(response));
  if (invalid > 0) yield { report: { name: "num_invalid_entries", value: Number(invalid) } };
  return all(batch, api.outcome(response));
}

const audiencesOf = ({ config }: { readonly config: Config }): string => `${config.ad_account}/customaudiences`;

const ensure = ensureNamed<Config>({
  what: "audience",
  api,
  find: (_name, ctx) =>
    paged(
      (after = "") => api.get(ctx, `${audiencesOf(ctx)}?fields=id,name,description&limit=200${after}`),
      ({ body }) => body?.data?.map((found: any) => ({ description: "", ...found })),
      ({ body: { paging } }) => paging?.next && `&after=${encodeURIComponent(paging.cursors?.after)}`,
    ),
  create: (name, ctx, marker) =>
    api.post(ctx, audiencesOf(ctx), {
      name,
      subtype: "CUSTOM",
      description: `Kept by millrace ${marker}`,
      customer_file_source: ctx.config.customer_file_source,
    }),
  idOf: ({ body }) => body?.id,
});

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const bounds = "approximate_count_lower_bound,approximate_count_upper_bound";
  const { body } = yield* api.get(ctx, `${ctx.remote.id}?fields=${bounds}`);
  return sizeOf(body?.approximate_count_lower_bound, body?.approximate_count_upper_bound);
}

export const audience = defineObject<Config, (typeof kinds)[number]>({
  describe: "A customer-file custom audience",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: {
    ...contactPoints,
    // Not `expiresMs`: it would send everybody again, though memberships by e-mail and phone do not lapse (facts A1).
    extern_id: exact("Your own id; Meta forgets it after 90 days: where it stands alone, set refresh: 60d"),
  },
  fields,
  // 10,000 rows a request; adds and removes of one audience in order, so one request at a time.
  limits: { rows: 10_000, concurrency: 1 },
  configure: ({ audience_writes }) => (audience_writes === "replace" ? { needs: "members", settles: "run" } : {}),
  // "Changes take up to 24 h" (same guide): an unanswered request may still be worked off that late.
  lateMs: 24 * 3_600_000,
  ensure,
  measure,
  deliver,
});
