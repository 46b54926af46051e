/**
 * Iterable: users, static lists and events. It answers 200 and names the people it did not take in lists of their own, which
 * become refusals of their rows. Leaving a list says `channelUnsubscribe: false` outright: without it people would be
 * unsubscribed from the whole channel.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineDestination, defineObject, email } from "millrace/destination";
import { ensureNamed, exact, jsonApi, networkSettings, only, paged, phoneField } from "millrace/destination";
import { rejected, rowByRow, skipped, surestKind, text, timestamp, underSurest, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  region: z.enum(["us", "eu"]).default("us").describe("Data centre of the project."),
  project: z
    .enum(["email", "userId", "hybrid"])
    .default("email")
    .describe("What the project knows people by; hybrid: the user id where a row has one, else the e-mail."),
  rows_a_call: z.int().min(1).max(8000).default(1000).describe("Rows a request (unverified for lists)."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://api.eu.iterable.com/api" : "https://api.iterable.com/api"),
  fault: ({ body }) =>
    typeof body?.code === "string" && body.code !== "Success" ? { code: body.code, message: body.msg } : undefined,
});

const keys = { email: ["email"], userId: ["user_id"], hybrid: ["user_id", "email"] } as const;
const names = { email: "email", user_id: "userId" } as const;
type Kind = keyof typeof names;

/** What the project knows a row by. */
const kindOf = (change: Change, { config }: Context<Config>): Kind | undefined =>
  surestKind<Kind>(change, keys[config.project]);

function keyOf(change: Change, ctx: Context<Config>): Readonly<Record<string, string>> {
  const kind = kindOf(change, ctx) ?? "email";
  return { [names[kind]]: change.identifiers[kind] ?? "" };
}

const userOf = (change: Change, ctx: Context<Config>): object => ({
  email: change.identifiers["email"],
  userId: change.identifiers["user_id"],
  dataFields: change.fields,
  preferUserId: kindOf(change, ctx) === "user_id",
  mergeNestedObjects: true,
});

/** Under its id: an event of an id that is there is overwritten. Times in seconds. */
function eventOf(change: Change, ctx: Context<Config>): object {
  const { name: eventName, time, id, ...dataFields } = change.fields;
  const createdAt = Math.floor(Date.parse(String(time)) / 1000);
  return { ...keyOf(change, ctx), eventName, createdAt, id: id ?? change.idempotencyKey, dataFields };
}

/** Lists of an answer and why somebody stands in them: forgottenEmails, invalidDataUserIds, disallowedEventNames … */
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
  const failed = new Map<string, Outcome>();
  for (const [list, named] of [...Object.entries<any>(body), ...Object.entries<any>(body.failedUpdates ?? {})]) {
    const words = reasons[/^(.+?)(?:Emails|UserIds|EventNames)$/.exec(list)?.[1] ?? ""];
    const prefix = list === "disallowedEventNames" ? "event " : "";
    if (words !== undefined) for (const one of named) failed.set(prefix + one, rejected(list, words));
  }
  const outcomes = batch.changes.map(
    ({ identifiers: { email: address = "", user_id = "" }, fields }) =>
      failed.get(address) ?? failed.get(user_id) ?? failed.get(`event ${String(fields["name"])}`),
  );
  const unnamed = Number(body.failCount) > outcomes.filter((outcome) => outcome !== undefined).length;
  const others = unnamed ? unknown("Iterable refused somebody and did not say whom") : accepted();
  return outcomes.map((outcome) => outcome ?? others);
}

type Deliver = (batch: Batch, ctx: Context<Config>) => Exchange<readonly Outcome[]>;

/** Rows that the project cannot know are refused, or not there to be removed. */
const knownOnly =
  (deliver: Deliver): Deliver =>
  (batch, ctx) => {
    const words = `the project knows people by ${keys[ctx.config.project].join(" or ")}`;
    const stranger = batch.op === "remove" ? accepted() : rejected("no_identifier", words);
    const settled = (change: Change) => (kindOf(change, ctx) === undefined ? stranger : undefined);
    return only(batch, settled, (rest) => deliver(rest, ctx));
  };

type ItemOf = (change: Change, ctx: Context<Config>) => object;
const send = (path: string, rows: string, itemOf: ItemOf, more: (listId: number) => object = () => ({})): Deliver =>
  function* (batch, ctx) {
    const items = batch.changes.map((change) => itemOf(change, ctx));
    return verdicts(batch, yield* api.post(ctx, path, { ...more(Number(ctx.remote.id)), [rows]: items }));
  };
const writeUsers = send("users/bulkUpdate", "users", userOf, () => ({ createNewFields: true }));
const sendEvents = send("events/trackBulk", "events", eventOf);
const join = send("lists/subscribe", "subscribers", userOf, (listId) => ({ listId, updateExistingUsersOnly: false }));
const leave = send("lists/unsubscribe", "subscribers", keyOf, (listId) => ({ listId, channelUnsubscribe: false }));

function personAt(change: Change, ctx: Context<Config>): string {
  const [[name, value = ""] = []] = Object.entries<string>(keyOf(change, ctx));
  return `users/${name === "userId" ? "byUserId/" : ""}${encodeURIComponent(value)}`;
}

function* deliverUsers(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return yield* rowByRow(batch, (change) => deleteUser(change, ctx));
  const absent = new Map<Change, Outcome>();
  // Iterable would make them; it answers {} for nobody (unverified).
  for (const change of ctx.mode === "update" ? batch.changes : []) {
    const response = yield* api.get(ctx, personAt(change, ctx));
    if (response.status !== 200 || typeof response.body !== "object") absent.set(change, api.broken(response));
    else if (response.body?.user === undefined) absent.set(change, skipped("not_found"));
  }
  const settled = (change: Change) => absent.get(change);
  return yield* only(batch, settled, (rest) => writeUsers(rest, ctx));
}

function* deleteUser(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const response = yield* api.del(ctx, personAt(change, ctx));
  const { code } = response.body ?? {};
  if (code === "Success") return api.outcome(response);
  return response.status === 404 && typeof code === "string" ? accepted() : api.broken(response);
}

function* deliverList(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op !== "remove") return yield* join(batch, ctx);
  const absent = (outcome: Outcome) => outcome.status === "rejected" && /^(notFound|forgotten)/.test(outcome.code);
  return (yield* leave(batch, ctx)).map((outcome) => (absent(outcome) ? accepted() : outcome));
}

const common = {
  identify: "any",
  identifiers: { email: email(), user_id: exact("User id, sent as it is") },
  // 4 MB and 1,000 users a request, 5 requests a second (facts B4).
  limits: { rows: 1000, bytes: 3_900_000, rate: { requests: 5, perSeconds: 1 } },
  configure: ({ rows_a_call: rows }: Config) => ({ limits: { ...common.limits, rows } }),
} as const;
const people = {
  ...common,
  ops: ["add", "update", "remove"],
  delivery: "set",
  fields: { phoneNumber: phoneField() },
  openFields: anyValue({ describe: "User field" }),
} as const;

export default defineDestination<Config>({
  name: "iterable",
  describe: "Iterable users, lists and events.",
  docs: "https://api.iterable.com/api/docs",
  guide: {
    credentials: "Integrations, API keys: make a server-side key of the project, and say how the project knows people.",
    refused: "Iterable names the people it did not take and why, and takes the others.",
    erasure:
      "on_leave: delete deletes the user, who can come back. POST /users/forget erases and keeps the e-mail or user id from being made again.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("Server-side API key.") }),
  auth: { type: "header", header: "api-key", value: "{api_key}" },
  effects: ["http"],
  hosts: api.hosts,
  classify: ({ body }) => (body?.code === "RateLimitExceeded" ? "throttled" : undefined),
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "lists"), "reads lists");
  },
  objects: {
    user: defineObject<Config, Kind>({
      ...people,
      describe: "A user, known as the project knows people",
      kind: "record",
      deliver: (batch, ctx) => knownOnly(deliverUsers)(underSurest<Kind>(batch, keys[ctx.config.project]), ctx),
    }),
    list: defineObject<Config, Kind>({
      ...people,
      describe: "Being in a static list; the user is made when absent, subscriptions are not touched",
      kind: "membership",
      ensure: ensureNamed<Config>({
        what: "list",
        api,
        find: (_name, ctx) =>
          paged(
            () => api.get(ctx, "lists"),
            ({ body }) =>
              body?.lists?.map(({ id, name, listType }: any) => ({
                id: String(id),
                name,
                unfit: listType === "Dynamic" ? "is filled by a rule" : undefined,
              })),
            () => undefined,
          ),
        create: (name, ctx) => api.post(ctx, "lists", { name }),
        idOf: ({ body }) => body?.listId,
      }),
      deliver: knownOnly(deliverList),
    }),
    event: defineObject<Config, Kind>({
      ...common,
      describe: "A custom event of a user",
      kind: "event",
      ops: ["add"],
      // An event of an id that is there is overwritten, for good: a month is longer than any repeat comes late.
      delivery: "keyed",
      windowMs: 30 * 86_400_000,
      fields: { name: text({ required: true }), time: timestamp({ required: true }), id: text({ max: 512 }) },
      openFields: anyValue({ describe: "Field of the event" }),
      deliver: knownOnly(sendEvents),
    }),
  },
});
