/**
 * Customer.io by its Track API: people and events by v2 batches, which answer 207 and name what they did not take, and manual
 * segments. An answer says that a change was queued: whether a person took it is never told.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, anyValue, basicAuth, defineDestination, defineObject } from "millrace/destination";
import { digest, email, emailField, exact, jsonApi, networkSettings, only, phoneField } from "millrace/destination";
import { rejected, stop, surestKind, text, timestamp, underSurest, unknown, withinBytes } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  region: z.enum(["us", "eu"]).default("us").describe("Region of the account."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const worded = ({ reason, field, message }: any) => ({
  code: String(reason ?? "invalid"),
  message: [field, message].filter(Boolean).join(": ") || String(reason ?? "invalid"),
});
const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://track-eu.customer.io" : "https://track.customer.io"),
  // v2 names errors one by one, v1 puts sentences into `meta` (spec, responses 400).
  fault({ body }) {
    const said = body?.errors?.[0] ?? body?.meta?.errors?.[0] ?? body?.meta?.error;
    return typeof said === "string" ? { code: "invalid", message: said } : said ? worded(said) : undefined;
  },
});

/** Exactly one of these may stand in a call (spec, identify_person), the surest first. */
const kinds = ["id", "cio_id", "email"] as const;
type Kind = (typeof kinds)[number];

const kindOf = ({ identifiers }: Change): Kind => kinds.find((kind) => identifiers[kind] !== undefined) ?? "id";
const idOf = (change: Change): string => change.identifiers[kindOf(change)] ?? "";
const personOf = (change: Change, action: "identify" | "event" | "delete") => ({
  type: "person",
  identifiers: { [kindOf(change)]: idOf(change) },
  action,
});

function identified(change: Change, ctx: Context<Config>): object {
  const address = change.identifiers["email"];
  const known = address === undefined || kindOf(change) === "email" ? {} : { email: address };
  const existing = ctx.mode === "update" ? { _update: true } : {};
  return { ...personOf(change, "identify"), attributes: { ...change.fields, ...known, ...existing } };
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The ULID Customer.io tells events apart by: their time, and 80 bits of what a repeat repeats. */
function ulid(at: number, key: string): string {
  const bits = (BigInt(Math.max(0, at)) << 80n) | BigInt(`0x${digest("sha256", key).slice(0, 20)}`);
  return Array.from({ length: 26 }, (_, place) => crockford[Number((bits >> BigInt(5 * (25 - place))) & 31n)]).join("");
}

function eventOf(change: Change): object {
  const { name, time, id, ...attributes } = change.fields;
  const at = Date.parse(String(time));
  const key = ulid(at, String(id ?? change.idempotencyKey));
  return { ...personOf(change, "event"), id: key, name, timestamp: Math.floor(at / 1000), attributes };
}

/** The whole of an answer that took everything (spec, responses 200). */
const isEmpty = ({ status, body }: HttpResponse): boolean => status === 200 && JSON.stringify(body) === "{}";

/** 207: all were taken but those named, so that an error without a place leaves the others in doubt. */
function verdicts(batch: Batch, response: HttpResponse): readonly Outcome[] {
  if (isEmpty(response)) return all(batch, accepted());
  const errors = response.body?.errors;
  if (response.status !== 207 || !Array.isArray(errors) || errors.length === 0) return all(batch, api.broken(response));
  const refused = new Map<number, Outcome>();
  for (const error of errors) refused.set(error.batch_index, rejected(worded(error).code, worded(error).message));
  const placed = [...refused.keys()].every((index) => batch.changes[index] !== undefined);
  const others = placed ? accepted() : unknown("Customer.io refused a row and did not say which");
  return batch.changes.map((_, index) => refused.get(index) ?? others);
}

/** 32 KB an item (spec, batch). */
const send = (batch: Batch, ctx: Context<Config>, itemOf: (change: Change) => object): Exchange<readonly Outcome[]> =>
  withinBytes(batch, 32_000, itemOf, function* (rest, items) {
    return verdicts(rest, yield* api.post(ctx, "api/v2/batch", { batch: items }));
  });
const identify = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  send(batch, ctx, (change) => identified(change, ctx));

/** One kind of identifier a call: those of another would be passed over in silence (spec, add_to_segment). */
function* changeSegment(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const way = batch.op === "remove" ? "remove_customers" : "add_customers";
  const fates = new Map<Kind, Outcome>();
  for (const kind of new Set(batch.changes.map(kindOf))) {
    const ids = [...new Set(batch.changes.filter((change) => kindOf(change) === kind).map(idOf))];
    const response = yield* api.post(ctx, `api/v1/segments/${ctx.remote.id}/${way}?id_type=${kind}`, { ids });
    fates.set(kind, isEmpty(response) ? accepted() : api.broken(response));
  }
  return batch.changes.map((change) => fates.get(kindOf(change)) ?? unknown("no verdict"));
}

/** People are made before they join; an e-mail that an id's person no longer has takes nobody out. */
function* deliverSegment(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const made = batch.op === "remove" ? undefined : yield* identify(batch, ctx);
  const fates = new Map(batch.changes.map((change, index) => [change, made?.[index]]));
  const settled = (change: Change): Outcome | undefined => {
    if (made === undefined) return surestKind(change, kinds) === undefined ? accepted() : undefined;
    return fates.get(change)?.status === "accepted" ? undefined : fates.get(change);
  };
  return yield* only(batch, settled, (rest) => changeSegment(rest, ctx));
}

const common = {
  identify: "any",
  identifiers: { id: exact("Id in the workspace"), cio_id: exact("Customer.io's own id"), email: email() },
  // Below 500 KB a request, of which 100 KB are for the words around 1,000 rows; 1,000 people a segment call (spec); the
  // rate is unverified.
  limits: { rows: 1000, bytes: 400_000, rate: { requests: 1000, perSeconds: 1 } },
} as const;

export default defineDestination<Config>({
  name: "customerio",
  describe: "Customer.io people, manual segments and events.",
  docs: "https://docs.customer.io/integrations/api/track/",
  guide: {
    credentials: "Settings, Account settings, API credentials: the site id and the Track API key of the workspace.",
    refused:
      "A batch names the rows it did not take and takes the others. What it took is queued: no answer says more.",
    erasure:
      "on_leave: delete deletes the person, whom a later call can bring back. POST /api/v1/customers/…/suppress erases and keeps the id from coming back.",
  },
  config: settings,
  credentials: z.strictObject({
    site_id: z.string().describe("Site id of the workspace."),
    api_key: z.string().describe("Track API key."),
  }),
  auth: basicAuth("{site_id}", "{api_key}"),
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    const response = yield* api.get(ctx, "api/v1/accounts/region");
    const [finding] = api.finding(response, "reads the account's region");
    const region = response.body?.region;
    const elsewhere = (region === "us" || region === "eu") && region !== ctx.config.region;
    return [elsewhere ? { ok: false, message: `the account is in another region: set region: ${region}` } : finding];
  },
  objects: {
    person: defineObject<Config, Kind>({
      ...common,
      describe: "A person, known by id, Customer.io's id or e-mail",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      fields: { email: emailField(), phone: phoneField() },
      openFields: anyValue({ describe: "Attribute" }),
      deliver: (batch, ctx) =>
        batch.op === "remove"
          ? send(batch, ctx, (change) => personOf(change, "delete"))
          : identify(underSurest(batch, kinds), ctx),
    }),
    segment: defineObject<Config, Kind>({
      ...common,
      describe: "Being in a manual segment; the person is made when absent",
      kind: "membership",
      ops: ["add", "remove"],
      delivery: "set",
      fields: {},
      *ensure({ remoteConfig: { id } }) {
        if (/^\d+$/.test(String(id))) return { id: String(id) };
        const hint = "make a manual segment there and set remote: { id }, the number under Usage";
        return stop("target", "the Track API cannot find or make a segment by its name", hint);
      },
      deliver: deliverSegment,
    }),
    event: defineObject<Config, Kind>({
      ...common,
      describe: "An event of a person",
      kind: "event",
      ops: ["add"],
      // Told apart by their ULID (spec, person_event); for how long is not said: a day (unverified).
      delivery: "keyed",
      windowMs: 24 * 3_600_000,
      fields: { name: text({ required: true }), time: timestamp({ required: true }), id: text() },
      openFields: anyValue({ describe: "Attribute of the event" }),
      deliver: (batch, ctx) => send(batch, ctx, eventOf),
    }),
  },
});
