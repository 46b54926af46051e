/**
 * Odoo: records of any model by `load`, its own import. A record is known by an external id made of the model's key. A load
 * with a bad row saves nothing and names the row: the others are loaded again without it.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, deferred, defineDestination, defineObject, inGroups, jsonApi } from "millrace/destination";
import { networkSettings, only, rejected, skipped, stop, text, unknown, withoutSpoilers } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Address of the Odoo server."),
  database: z.string().min(1).describe("Name of the database."),
  protocol: z
    .enum(["json2", "jsonrpc"])
    .default("json2")
    .describe("json2: Odoo 19 and newer; jsonrpc: up to 18, needs login."),
  id_module: z
    .string()
    .regex(/^\w+$/)
    .default("__import__")
    .describe("What the external ids of our records stand under."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Ctx = Context<Config>;
type Place = Pick<Ctx, "config">;
type Params = Readonly<Record<string, Json>>;

interface Trouble {
  readonly name?: string;
  readonly message?: string;
}
/** Of JSON-2 the body itself, of JSON-RPC, under HTTP 200, the data of its error. */
const troubleOf = (body: any): Trouble | undefined =>
  typeof body?.error === "object"
    ? (body.error?.data ?? body.error)
    : typeof body?.name === "string"
      ? body
      : undefined;
const lastName = ({ name = "" }: Trouble): string => name.slice(name.lastIndexOf(".") + 1);

const api = jsonApi<Config>({
  base: ({ url }) => url,
  headers: ({ protocol, database }) => (protocol === "json2" ? { "x-odoo-database": database } : {}),
  fault({ body }) {
    const trouble = troubleOf(body);
    return trouble && { code: lastName(trouble), message: trouble.message };
  },
  judge({ status }, fault) {
    const { code = "", message = code } = fault ?? {};
    if (code === "AccessDenied")
      return stop("credentials", message, "renew the API key: it lasts three months at most");
    if (code === "AccessError") return stop("permission", message, "the user needs rights on the model");
    if (/Serialization|LockNotAvailable|Deadlock/.test(code)) return deferred(message);
    // Every call is a transaction (facts C6): what is told by name has been undone, whatever the status.
    return code !== "" && code !== "NotFound" && status !== 429 ? rejected(code, message) : undefined;
  },
});

/** Calls a method of a model; the body of the answer is the value. `uid`: with JSON-RPC. */
function* call(ctx: Place, uid: Json, model: string, method: string, params: Params): Exchange<HttpResponse> {
  const { ids, ...named } = params;
  if (ctx.config.protocol === "json2") return yield* api.post(ctx, `json/2/${model}/${method}`, params);
  const args = [ctx.config.database, uid, null, model, method, ids === undefined ? [] : [ids], named];
  return yield* remotely(ctx, "object", "execute_kw", args);
}

/** JSON-RPC; login and key are put into their places of `args` on the way. */
function* remotely(ctx: Place, service: string, method: string, args: readonly Json[]): Exchange<HttpResponse> {
  const params = { service, method, args };
  const response = yield* api.post(ctx, "jsonrpc", { jsonrpc: "2.0", method: "call", params, id: 1 });
  return troubleOf(response.body) === undefined ? { ...response, body: response.body?.result } : response;
}

/** The user's id where calls need it; the answer where there is none to be had. */
function* signIn(ctx: Place): Exchange<number | null | HttpResponse> {
  if (ctx.config.protocol === "json2") return null;
  const response = yield* remotely(ctx, "common", "authenticate", [ctx.config.database, null, null, {}]);
  if (response.body === false) return stop("credentials", "Odoo does not know login and API key", "renew the API key");
  return typeof response.body === "number" ? response.body : response;
}

const modelOf = ({ remoteConfig }: Ctx): string => String(remoteConfig["model"]);
const coded = (character: string): string => `_${character.codePointAt(0)?.toString(16)}_`;

/** The name below the module: letters, digits and hyphens as they are, so that no two keys share one. */
function nameOf({ key }: Change, ctx: Ctx): string {
  const spelled = typeof key === "object" ? JSON.stringify(key) : String(key);
  return `${modelOf(ctx).replaceAll(".", "_")}_${spelled.replaceAll(/[^A-Za-z0-9-]/gu, coded)}`;
}

/** Odoo's ids of those of the changes that are there: it forgets external ids of what is deleted. */
function* present(batch: Batch, ctx: Ctx, uid: Json): Exchange<ReadonlyMap<Change, number> | HttpResponse> {
  const names = batch.changes.map((change) => nameOf(change, ctx));
  const ours = { module: ctx.config.id_module, model: modelOf(ctx) };
  const domain: Json = [...Object.entries(ours).map(([field, value]) => [field, "=", value]), ["name", "in", names]];
  const found = yield* call(ctx, uid, "ir.model.data", "search_read", { domain, fields: ["name", "res_id"] });
  if (!Array.isArray(found.body)) return found;
  const known = new Map<unknown, number>(found.body.map(({ name, res_id }) => [name, res_id]));
  const pairs = batch.changes.map((change, index) => [change, known.get(names[index])] as const);
  return new Map(pairs.filter((pair): pair is readonly [Change, number] => typeof pair[1] === "number"));
}

/** Rows that `load` refuses, by its messages. */
function* spoilers({ body }: HttpResponse): Generator<readonly [number, Outcome]> {
  for (const { type, rows, field, message } of Array.isArray(body?.messages) ? body.messages : []) {
    if (type !== "error") continue;
    const outcome = rejected("load_error", [field, message].filter((word) => typeof word === "string").join(": "));
    for (let row = Number(rows?.from); row <= Number(rows?.to); row += 1) yield [row, outcome];
  }
}

/** Loads rows of the same columns: in Odoo's import an empty cell clears. */
function* load(changes: readonly Change[], ctx: Ctx, uid: Json): Exchange<readonly Outcome[]> {
  const names = Object.keys(changes[0]?.fields ?? {});
  const fields = ["id", ...names.map((name) => name.replaceAll(".", "/"))];
  const idOf = (change: Change): string => `${ctx.config.id_module}.${nameOf(change, ctx)}`;
  const rowOf = (change: Change) => [idOf(change), ...names.map((name) => change.fields[name] ?? "")];
  const send = (some: readonly Change[]) => call(ctx, uid, modelOf(ctx), "load", { fields, data: some.map(rowOf) });
  const { response, refused } = yield* withoutSpoilers(changes, send, spoilers);
  const { ids, messages } = response?.body ?? {};
  const whole = Array.isArray(ids) && ids.length === changes.length - refused.size;
  // Nothing was saved, and no row is to blame alone.
  const general = ids === false ? rejected("load_error", String(messages?.[0]?.message)) : undefined;
  const broken = whole || response === undefined ? undefined : api.broken(response);
  let place = 0;
  const fate = (): Outcome => (whole ? accepted(String(ids[place++])) : (general ?? broken ?? unknown("no answer")));
  return changes.map((_, index) => refused.get(index) ?? fate());
}

const write = (batch: Batch, ctx: Ctx, uid: Json): Exchange<readonly Outcome[]> =>
  inGroups(
    batch,
    ({ fields }) => Object.keys(fields).join(),
    ({ changes }) => load(changes, ctx, uid),
  );

function* deliver(batch: Batch, ctx: Ctx): Exchange<readonly Outcome[]> {
  const uid = yield* signIn(ctx);
  if (typeof uid === "object" && uid !== null) return all(batch, api.broken(uid));
  if (batch.op !== "remove" && ctx.mode !== "update") return yield* write(batch, ctx, uid);
  const there = yield* present(batch, ctx, uid);
  if (!(there instanceof Map)) return all(batch, api.broken(there as HttpResponse));
  const absent = batch.op === "remove" ? accepted() : skipped("not_found");
  return yield* only(
    batch,
    (change) => (there.has(change) ? undefined : absent),
    function* (rest) {
      if (batch.op !== "remove") return yield* write(rest, ctx, uid);
      const gone = yield* call(ctx, uid, modelOf(ctx), "unlink", { ids: [...there.values()] });
      return all(rest, gone.body === true ? accepted() : api.broken(gone));
    },
  );
}

export default defineDestination<Config>({
  name: "odoo",
  describe: "Odoo records of any model.",
  docs: "https://www.odoo.com/documentation/19.0/developer/reference/external_api.html",
  guide: {
    credentials:
      "Preferences, Account Security: make an API key for a user with rights on the model and on external ids (ir.model.data), and renew it within three months. Odoo Online needs the Custom plan.",
    refused:
      "A load with bad rows names them and saves nothing: they are refused in Odoo's words, the others loaded again.",
    erasure:
      "Delete the record (`on_leave: delete`, mode remove); `on_leave: { set: { active: false } }` only archives it.",
  },
  config: settings,
  credentials: z.strictObject({
    api_key: z.string().min(1).describe("API key of a user."),
    login: z.string().optional().describe("Login of that user, for JSON-RPC."),
  }),
  auth: {
    type: "custom",
    headers: ({ api_key, login }) => (login === undefined ? { authorization: `bearer ${String(api_key)}` } : {}),
    body({ api_key, login }, body) {
      if (!body.startsWith('{"jsonrpc"')) return body;
      const { params, ...rest } = JSON.parse(body);
      const [database, user, , ...args] = params.args;
      const signed = [database, params.service === "common" ? login : user, api_key, ...args];
      return JSON.stringify({ ...rest, params: { ...params, args: signed } });
    },
  },
  effects: ["http"],
  hosts: api.hosts,
  // A trouble with a name has undone its call; 500 without one may be anything.
  classify: ({ status, body }) => (status >= 500 && troubleOf(body)?.name !== undefined ? "reject" : undefined),
  *check(ctx) {
    const uid = yield* signIn(ctx);
    const signedIn = typeof uid === "number" || uid === null;
    const response = signedIn ? yield* call(ctx, uid, "ir.model.data", "search", { domain: [], limit: 1 }) : uid;
    return api.finding(response, "signs in and reads external ids");
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A record of a model; its external id is made of the model's key",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "key",
      identifiers: {},
      fields: {},
      openFields: text({ describe: "A field, as Odoo's import names it; dots for parts, as parent_id.id" }),
      remote: z.object({
        model: z
          .string()
          .regex(/^[\w.]+$/)
          .describe("Technical name of the model: res.partner."),
      }),
      // About one call a second on Odoo Online (facts C6, unverified); rate_limit of the destination says otherwise.
      limits: { rows: 500, rate: { requests: 1, perSeconds: 1 }, concurrency: 1 },
      deliver,
    }),
  },
});
