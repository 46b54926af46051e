/**
 * Iterable's bulk calls. They answer 200 and name the people they did not take in lists of their own, which become refusals of
 * their rows.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, rejected, unknown } from "millrace/destination";
import { api, type Config } from "./api.ts";

/** 4 MB and 1,000 users a request, 5 requests a second (facts B4). */
export const limits = { rows: 1000, bytes: 3_900_000, rate: { requests: 5, perSeconds: 1 } };

/** For every object: rows a request are a setting. */
export const configure = ({ rows_a_call: rows }: Config) => ({ limits: { ...limits, rows } });

interface BulkCall {
  readonly path: string;
  /** What the call names its rows. */
  readonly rows: string;
  readonly itemOf: (change: Change, ctx: Context<Config>) => object;
  /** What stands beside the rows. */
  readonly beside?: (ctx: Context<Config>) => object;
}

/** One call for a batch, to the fate of every row. */
export function* sendAll(
  batch: Batch,
  ctx: Context<Config>,
  { path, rows, itemOf, beside }: BulkCall,
): Exchange<readonly Outcome[]> {
  const items = batch.changes.map((change) => itemOf(change, ctx));
  return verdicts(batch, yield* api.post(ctx, path, { ...beside?.(ctx), [rows]: items }));
}

/** Why somebody stands in a list of an answer: forgottenEmails, invalidDataUserIds, disallowedEventNames … */
const reasons: Readonly<Record<string, string>> = {
  invalid: "Iterable does not take this e-mail or user id",
  notFound: "there is no such user",
  forgotten: "the user was forgotten (GDPR) and is not made again",
  conflict: "e-mail and user id belong to different users",
  invalidData: "a field has another type in Iterable",
  disallowed: "the project takes no event of this name",
};

/** Whoever stands in such a list was not taken; more failures than names leave the others in doubt. */
function verdicts(batch: Batch, response: HttpResponse): readonly Outcome[] {
  const { body } = response;
  if (response.status !== 200 || typeof body?.successCount !== "number") return all(batch, api.broken(response));

  const refused = refusals(body);
  const outcomes = batch.changes.map(
    ({ identifiers, fields }) =>
      refused.get(identifiers["email"] ?? "") ??
      refused.get(identifiers["user_id"] ?? "") ??
      refused.get(eventKey(fields["name"])),
  );
  const unnamed = Number(body.failCount) > outcomes.filter((outcome) => outcome !== undefined).length;
  const others = unnamed ? unknown("Iterable refused somebody and did not say whom") : accepted();
  return outcomes.map((outcome) => outcome ?? others);
}

/** Refusals by e-mail, user id or {@link eventKey}; the code is the name of the list that names them. */
function refusals(body: any): ReadonlyMap<string, Outcome> {
  const refused = new Map<string, Outcome>();
  for (const [list, named] of [...Object.entries<any>(body), ...Object.entries<any>(body.failedUpdates ?? {})]) {
    const words = reasons[/^(.+?)(?:Emails|UserIds|EventNames)$/.exec(list)?.[1] ?? ""];
    if (words === undefined) continue;
    const keyOf = list === "disallowedEventNames" ? eventKey : String;
    for (const one of named) refused.set(keyOf(one), rejected(list, words));
  }
  return refused;
}

/** Names of events stand among those of people. */
const eventKey = (name: unknown): string => `event ${String(name)}`;
