import type { Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, exact, number, rowByRow, skipped, text } from "millrace/destination";
import { api, away, type Config, limits, written } from "./api.ts";
import { type Attributes, bodyOf, customAttribute, seconds, whole } from "./attributes.ts";

const fields: Attributes = {
  name: text(),
  plan: text(),
  website: text(),
  industry: text(),
  size: whole,
  remote_created_at: seconds,
  // Up to 2^31-1, cut to whole units (spec, POST /companies).
  monthly_spend: number({ integer: true, max: 2_147_483_647 }),
};

/** POST upserts by our id; a company is asked for first only where it must not be made. */
function* deliverOne(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const leaves = change.op === "remove";
  if (leaves || ctx.mode === "update") {
    const own = encodeURIComponent(change.identifiers["company_id"] ?? "");
    const found = yield* api.get(ctx, `companies?company_id=${own}`);
    if (found.status === 404) return leaves ? accepted() : skipped("not_found");
    const there = written(found);
    if (there.status !== "accepted") return there;
    if (leaves) return yield* away(api.del(ctx, `companies/${there.remoteId}`));
  }
  return written(yield* api.post(ctx, "companies", bodyOf(fields, change)));
}

/** `company`: companies by an id of the warehouse's own. */
export const company = defineObject<Config, "company_id">({
  describe: "A company, known by your own id; shown once a user belongs to it",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { company_id: exact("Your own id of the company") },
  fields,
  openFields: customAttribute,
  limits,
  deliver: (batch, ctx) => rowByRow(batch, (change) => deliverOne(ctx, change)),
});
