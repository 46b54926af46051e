/**
 * Braze: users, written by /users/track and deleted by /users/delete, and custom events. Braze answers 201 and names the
 * rows it did not take; any `message` but "success" says that it took nothing of the request.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, chunks, dateField, defineDestination, defineObject } from "millrace/destination";
import { emailField, exact, externalId, jsonApi, networkSettings, oneOf, phoneField } from "millrace/destination";
import { rejected, text, timestamp, underSurest, unknown, withinBytes } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  endpoint: z
    .url({ protocol: /^https$/ })
    .describe("REST endpoint of the instance: https://rest.iad-01.braze.com, https://rest.fra-01.braze.eu …"),
  alias_label: z.string().min(1).default("millrace").describe("Label of the aliases that rows are known by."),
  app_id: z.string().min(1).optional().describe("App identifier that events are counted for."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: ({ endpoint }) => endpoint,
  fault: ({ body }) =>
    typeof body?.message === "string" && body.message !== "success"
      ? { code: "fatal", message: body.message }
      : undefined,
  // While Braze is being maintained it keeps requests for later: "queued" (unverified).
  judge: ({ status }) => (status === 202 ? unknown("Braze has put the request off, not taken it yet") : undefined),
});

/** How a user can be known, the surest first, and what /users/delete calls a list of such. */
const lists = { external_id: "external_ids", braze_id: "braze_ids", user_alias: "user_aliases" } as const;
type Kind = keyof typeof lists;
const kinds = Object.keys(lists) as readonly Kind[];

const kindOf = ({ identifiers }: Change): Kind =>
  kinds.find((kind) => identifiers[kind] !== undefined) ?? "external_id";

function identityOf(change: Change, { alias_label }: Config): Json {
  const value = change.identifiers[kindOf(change)] ?? "";
  return kindOf(change) === "user_alias" ? { alias_name: value, alias_label } : value;
}

/** Whom an item speaks of, and whether to make them: an alias only comes to be where that is said. */
const whoseOf = (change: Change, { config, mode }: Context<Config>): Record<string, Json> => ({
  [kindOf(change)]: identityOf(change, config),
  _update_existing_only: mode === "update",
});

const userOf = (change: Change, ctx: Context<Config>): object => ({ ...change.fields, ...whoseOf(change, ctx) });

function eventOf(change: Change, ctx: Context<Config>): object {
  const { name, time, ...properties } = change.fields;
  const app = ctx.config.app_id === undefined ? {} : { app_id: ctx.config.app_id };
  return { ...whoseOf(change, ctx), ...app, name, time, properties };
}

/** 100 KB an item (facts B3). */
const track = (
  batch: Batch,
  ctx: Context<Config>,
  list: "attributes" | "events",
  itemOf: (change: Change, ctx: Context<Config>) => object,
): Exchange<readonly Outcome[]> =>
  withinBytes(
    batch,
    100_000,
    (change) => itemOf(change, ctx),
    function* (rest, items) {
      return verdicts(rest, yield* api.post(ctx, "users/track", { [list]: items }), list);
    },
  );

/** Rows that no error names were taken, unless an error does not say which row it means. */
function verdicts(batch: Batch, response: HttpResponse, list: string): readonly Outcome[] {
  const { body } = response;
  if (api.outcome(response).status !== "accepted" || body?.message !== "success")
    return all(batch, api.broken(response));
  const refused = new Map<number, Outcome>();
  let others = accepted();
  for (const error of Array.isArray(body.errors) ? body.errors : [body.errors ?? []].flat()) {
    const named = (error?.input_array ?? list) === list && batch.changes[error?.index] !== undefined;
    if (named) refused.set(error.index, rejected("invalid", String(error.type ?? "refused")));
    else others = unknown("Braze refused a row and did not say which");
  }
  return batch.changes.map((_, index) => refused.get(index) ?? others);
}

/** One kind of identifier a request, 50 users each (spec, Delete Users). */
function* deleteUsers(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>();
  for (const kind of kinds) {
    const mine = batch.changes.filter((change) => kindOf(change) === kind);
    for (const some of chunks(mine, 50)) {
      const ids = some.map((change) => identityOf(change, ctx.config));
      const response = yield* api.post(ctx, "users/delete", { [lists[kind]]: ids });
      const outcome = response.body?.message === "success" ? api.outcome(response) : api.broken(response);
      for (const change of some) outcomes.set(change, outcome);
    }
  }
  return batch.changes.map((change) => outcomes.get(change) ?? unknown("no verdict"));
}

const consent = oneOf(["opted_in", "subscribed", "unsubscribed"], { describe: "opted_in, subscribed or unsubscribed" });

const common = {
  identify: "any",
  identifiers: { external_id: externalId(), braze_id: exact("Braze's own id"), user_alias: exact("Alias") },
  // 75 items and 4 MB a request, 3,000 requests in 3 s (facts B3); the rest of the 4 MB is for the words around.
  limits: { rows: 75, bytes: 3_900_000, rate: { requests: 3000, perSeconds: 3 } },
} as const;

export default defineDestination<Config>({
  name: "braze",
  describe: "Braze users and custom events.",
  docs: "https://www.braze.com/docs/api/endpoints/user_data",
  guide: {
    credentials:
      "Settings, APIs and Identifiers: make a REST API key with users.track, and users.delete where people who leave are deleted; the endpoint is that of your instance.",
    refused:
      "Braze names the rows it did not take and takes the others; a request that it refuses whole is halved until the rows it is refused for are found.",
    erasure:
      "/users/delete removes the profile for good, as on_leave: delete does; Braze has no lists, so a segment is an attribute: on_leave: { set: { vip: false } }.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("REST API key with users.track and users.delete.") }),
  auth: { type: "bearer", secret: "api_key" },
  effects: ["http"],
  hosts: api.hosts,
  // Writes nothing: nobody has this id, and only existing users are updated.
  *check(ctx) {
    const attributes = [{ external_id: "millrace-check", _update_existing_only: true }];
    return api.finding(yield* api.post(ctx, "users/track", { attributes }), "writes users (users.track)");
  },
  objects: {
    user: defineObject<Config, Kind>({
      ...common,
      describe: "A user, known by external id, Braze's id or an alias",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
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
      deliver: (batch, ctx) =>
        batch.op === "remove" ? deleteUsers(batch, ctx) : track(underSurest(batch, kinds), ctx, "attributes", userOf),
    }),
    event: defineObject<Config, Kind>({
      ...common,
      describe: "A custom event of a user",
      kind: "event",
      ops: ["add"],
      // Braze knows no id of an event: one sent twice is counted twice. A request it refuses whole counted nothing.
      delivery: "once",
      refusal: "atomic",
      fields: { name: text({ required: true, max: 255 }), time: timestamp({ required: true }) },
      openFields: anyValue({ describe: "Property of the event" }),
      deliver: (batch, ctx) => track(batch, ctx, "events", eventOf),
    }),
  },
});
