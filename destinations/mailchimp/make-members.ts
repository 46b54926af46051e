/**
 * Making members without touching anybody's subscription: `update_existing: true` would overwrite the statuses of those who
 * are in the audience, so that a batch only makes those who are absent.
 */
import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, all, mapValues, oneOf, only, rejected, skipped, unknown } from "millrace/destination";
import { api, audiencePath, codeOf, type Config, emailOf, lower, statuses } from "./api.ts";

/** The field of a row that says the subscription of a member who is made for it. */
export const statusIfNew = oneOf(statuses, {
  describe: "Subscription of members that are made, instead of the setting",
});

/** What is written of a member; `statusKey`: what the call names the status that a new one gets. "" clears merge fields. */
export function contentOf(
  { identifiers, fields }: Change,
  { config }: Context<Config>,
  statusKey?: "status" | "status_if_new",
): object {
  const { status_if_new, language, vip, email_type, ...merge } = fields;
  const given = Object.entries({ language, vip, email_type }).filter(([, value]) => value != null);
  const merge_fields = mapValues(merge, (value) => value ?? "");
  const status = statusKey === undefined ? {} : { [statusKey]: status_if_new ?? config.status_if_new };
  return { email_address: identifiers["email"], ...Object.fromEntries(given), merge_fields, ...status };
}

const alreadyThere = "ERROR_CONTACT_EXISTS";

/**
 * Makes those who are not in the audience, then does `rest` with the rows of these fates: `accepted` who was made, `skipped`
 * who was there already.
 */
export function* makeMembers(
  batch: Batch,
  ctx: Context<Config>,
  goOn: readonly Outcome["status"][],
  rest: (batch: Batch) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  // One member an address: the last row speaks for it.
  const members = new Map(batch.changes.map((change) => [emailOf(change), contentOf(change, ctx, "status")]));
  const response = yield* api.post(ctx, `${audiencePath(ctx)}?skip_merge_validation=true&skip_duplicate_check=true`, {
    members: [...members.values()],
    update_existing: false,
    sync_tags: false,
  });
  const { new_members: made, errors } = response.body ?? {};
  if (response.status !== 200 || !Array.isArray(made) || !Array.isArray(errors))
    return all(batch, api.broken(response));

  const fates = new Map<string, Outcome>();
  for (const { id, email_address } of made) fates.set(lower(email_address), accepted(id));
  for (const error of errors) fates.set(lower(error.email_address), fateOfError(error));
  const fateOf = (change: Change): Outcome => fates.get(emailOf(change)) ?? unknown("no verdict for this address");
  return yield* only(batch, (change) => (goOn.includes(fateOf(change).status) ? undefined : fateOf(change)), rest);
}

function fateOfError({ error, error_code: code, field_message: words }: any): Outcome {
  return code === alreadyThere ? skipped(code) : rejected(codeOf(code), String(words || error));
}
