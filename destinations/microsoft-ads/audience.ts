/** Customer lists: being on one, by hashed e-mail or by an id of one's own. */
import type { Batch, Context, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { accepted, all, byKey, defineObject, email, ensureNamed, exact, rejected, unknown } from "millrace/destination";
import { api, codeOf, type Config, faults, partial } from "./api.ts";

/** What was refused, by the item; undefined where the answer does not say. */
function refusals(response: HttpResponse, items: readonly string[]): ReadonlyMap<string, Outcome> | undefined {
  const { PartialErrors: errors } = response.body ?? {};
  const isRead = errors === null || (Array.isArray(errors) && errors.every((each) => items[each?.Index] !== undefined));
  if (!isRead) return undefined;
  return new Map(
    partial(response).map((problem) => [
      items[problem.Index ?? 0] ?? "",
      rejected(problem.ErrorCode ?? "refused", `Microsoft refused the item: ${codeOf(problem)}`),
    ]),
  );
}

const subTypes: Readonly<Record<string, string>> = { email: "Email", crm_id: "CRM" };

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const kind = batch.kind ?? "";
  const items = [...new Set(batch.changes.map(({ identifiers }) => identifiers[kind] ?? ""))];
  const { accept_customer_match_terms: terms } = ctx.config;
  const response = yield* api.post(ctx, "CustomerListUserData/Apply", {
    CustomerListUserData: {
      AudienceId: ctx.remote.id,
      ActionType: batch.op === "remove" ? "Remove" : "Add",
      CustomerListItemSubType: subTypes[kind],
      CustomerListItems: items,
      ...(terms === undefined ? {} : { AcceptCustomerMatchTerm: terms }),
    },
  });
  const outcome = api.outcome(response);
  if (faults(response).length > 0 || response.status >= 300) return all(batch, outcome);
  const refused = refusals(response, items);
  if (refused === undefined) return all(batch, unknown("broken answer: PartialErrors that name no item"));
  return byKey(batch, ({ identifiers }) => identifiers[kind], refused, accepted());
}

/** Path of the lists of the account. */
export const lists = "Audiences/QueryByIds";

interface Audience {
  readonly Id: number | string;
  readonly Name: string;
  readonly Description?: string | null;
  readonly SearchSize?: number | null;
  readonly AudienceNetworkSize?: number | null;
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const response = yield* api.post(ctx, lists, { AudienceIds: [ctx.remote.id], Type: "CustomerList" });
  const list: Audience | undefined = response.body?.Audiences?.[0];
  // The people of the search network and those of the audience network may be the same.
  const sizes = [list?.SearchSize, list?.AudienceNetworkSize].filter((size) => typeof size === "number");
  return sizes.length === 0 ? {} : { sizeLow: Math.max(...sizes), sizeHigh: sizes.reduce((sum, size) => sum + size) };
}

export const audience = defineObject<Config, "email" | "crm_id">({
  describe: "A customer list",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "each",
  identifiers: { email: email({ hash: "sha256" }), crm_id: exact("Your own id of the customer, sent as it is") },
  fields: {},
  // 1,000 items as connectors send them (facts A11).
  limits: { rows: 1000 },
  configure: ({ batch_rows }) => ({ limits: { rows: batch_rows } }),
  // "Membership 1..180 days" (customer-list.md, 2021): sent again before the shorter of the documented lives ends.
  expiresMs: 180 * 86_400_000,
  ensure: ensureNamed<Config>({
    what: "customer list",
    api,
    *find(_name, ctx) {
      const response = yield* api.post(ctx, lists, { Type: "CustomerList" });
      const found: readonly Audience[] | undefined = response.body?.Audiences;
      if (!Array.isArray(found)) return response;
      return found.map((each: Audience) => ({
        id: String(each.Id),
        name: each.Name,
        description: each.Description ?? "",
      }));
    },
    create(name, { config }, marker) {
      const list = { Type: "CustomerList", Name: name, Description: `Kept by millrace ${marker}` };
      const owner = { Scope: "Account", ParentId: config.account_id };
      return api.post({ config }, "Audiences", { Audiences: [{ ...list, ...owner }] }, { once: true });
    },
    idOf: ({ body }) => body?.AudienceIds?.[0],
  }),
  deliver,
  measure,
});
