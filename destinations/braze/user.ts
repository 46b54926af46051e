import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { anyValue, chunks, dateField, defineObject, emailField, oneOf, phoneField } from "millrace/destination";
import { text, underSurest, unknown } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { identifiers, identityOf, type Kind, kindOf, kinds, whoseOf } from "./identity.ts";
import { limits, track } from "./track.ts";

const userOf = (change: Change, ctx: Context<Config>): object => ({ ...change.fields, ...whoseOf(change, ctx) });

/** What /users/delete calls a list of each kind. */
const listOf = { external_id: "external_ids", braze_id: "braze_ids", user_alias: "user_aliases" } as const;

/** One kind of identifier a request, 50 users each (spec, Delete Users). */
function* deleteUsers(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>();
  for (const kind of kinds) {
    const ofKind = batch.changes.filter((change) => kindOf(change) === kind);
    for (const some of chunks(ofKind, 50)) {
      const ids = some.map((change) => identityOf(change, ctx.config));
      const response = yield* api.post(ctx, "users/delete", { [listOf[kind]]: ids });
      const outcome = response.body?.message === "success" ? api.outcome(response) : api.broken(response);
      for (const change of some) outcomes.set(change, outcome);
    }
  }
  return batch.changes.map((change) => outcomes.get(change) ?? unknown("no verdict"));
}

const consent = oneOf(["opted_in", "subscribed", "unsubscribed"], { describe: "opted_in, subscribed or unsubscribed" });

/** Users as records: written by /users/track, deleted by /users/delete. */
export const user = defineObject<Config, Kind>({
  describe: "A user, known by external id, Braze's id or an alias",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers,
  fields: {
    email: emailField(),
    phone: phoneField(),
    first_name: text(),
    last_name: text(),
    country: text({ describe: "Country, ISO 3166-1 alpha-2" }),
    language: text({ describe: "Language, ISO 639-1" }),
    gender: oneOf(["M", "F", "O", "N", "P"]),
    dob: dateField({ describe: "Date of birth, YYYY-MM-DD" }),
    email_subscribe: consent,
    push_subscribe: consent,
  },
  openFields: anyValue({ describe: "Custom attribute; NULL removes it with nulls: clear" }),
  limits,
  deliver: (batch, ctx) =>
    batch.op === "remove" ? deleteUsers(batch, ctx) : track(underSurest(batch, kinds), ctx, "attributes", userOf),
});
