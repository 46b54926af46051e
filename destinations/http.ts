/**
 * Any HTTP API, described in YAML: a request per operation, for a row or for many, with what the answers mean. Templates are
 * the mappings' own language over `key`, `identifiers`, `fields`, `remote_id`, `idempotency_key`, `sync` and `as_of`; a text
 * that is one output alone gives the value with its type.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome, Values } from "millrace/destination";
import { accepted, all, answerSettings, anyValue, byIndex, byStatus, defineDestination } from "millrace/destination";
import { defineObject, exact, filled, jsonPointer, networkSettings, pointer, rejected } from "millrace/destination";
import { rendered, request, rowByRow, skipped, stop, textAt, told, unknown } from "millrace/destination";
import { webAuth, webCredentials } from "millrace/destination";
import { z } from "zod";

const operation = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).describe("The request's method."),
  path: z.string().describe("Behind url: /contacts/{{ remote_id }}; every output is escaped."),
  headers: z.record(z.string(), z.string()).default({}).describe("Further headers of this request."),
  json: z.json().optional().describe("The body as JSON whose texts are templates; with `many`, that of one row."),
  form: z.record(z.string(), z.string()).optional().describe("The body as a form whose values are templates."),
  done: z.array(z.int()).default([]).describe("Statuses besides 2xx that mean done: [404] for a removal."),
  id: jsonPointer.optional().describe("Where the answer, or a row's result, has the record's id there."),
  id_header: z.string().optional().describe("The header that ends with the record's id: location."),
});
type Operation = z.output<typeof operation>;

const many = z.strictObject({
  rows: z.int().min(1).max(10_000).describe("Rows of a request."),
  under: z.string().describe("The key of the body that holds the list of rows; empty: the body is the list."),
  results: jsonPointer
    .optional()
    .describe("Where the answer has a result per row, in order; absent: all rows fare alike."),
});

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("The API's address, which all paths are behind."),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("Headers of every request; secrets belong in credentials."),
  find: operation
    .optional()
    .describe("Asks for a row's record where its id is not known yet; no id in a good answer or a 404: absent."),
  add: operation.optional().describe("Makes a record."),
  update: operation
    .optional()
    .describe("Changes a record. Absent: with `find` what is there stays as it is, without it `add` does both."),
  remove: operation.optional().describe("Deletes a record."),
  many: many.optional().describe("Several rows in a request; not together with `find`."),
  answer: answerSettings.prefault({}).describe("What answers mean beyond their HTTP status."),
  delivery: z
    .enum(["set", "keyed", "once"])
    .optional()
    .describe(
      "set: repeating does no harm; keyed: the API honours Idempotency-Key; once: a repeat would harm. Default: set with `find`, else once.",
    ),
  remembers_hours: z.int().min(1).max(720).default(24).describe("With keyed: for how long the API remembers a key."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Where = Context<Config>;

const undescribed = (name: string): never =>
  stop("target", `the destination's config has no \`${name}\``, `describe the request under \`${name}:\``);

function valuesOf(change: Change, ctx: Where, remoteId: string | undefined): Values {
  const { key, identifiers, fields, idempotencyKey: idempotency_key } = change;
  const own = { key, identifiers, fields, idempotency_key, ...(remoteId !== undefined && { remote_id: remoteId }) };
  return { ...own, sync: ctx.sync, as_of: new Date(ctx.asOf).toISOString() };
}

function addressOf({ url, base_url }: Config, path: string): string {
  const { origin, pathname } = new URL(url);
  return `${(base_url ?? origin).replace(/\/+$/, "")}${pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}

const formType = { "content-type": "application/x-www-form-urlencoded" };

function* send(use: Operation, ctx: Where, scope: Values, body: unknown, once: boolean): Exchange<HttpResponse> {
  const { method, path, form, headers } = use;
  const pairs = Object.entries(form ?? {}).map(([name, text]): [string, string] => [
    name,
    rendered(ctx, text, scope, "text"),
  ]);
  const content = form === undefined ? body : new URLSearchParams(pairs).toString();
  return yield* request({
    method,
    url: addressOf(ctx.config, rendered(ctx, path, scope, "url")),
    headers: { ...(form && formType), ...ctx.config.headers, ...headers },
    ...(content !== undefined && { body: content }),
    ...(once && { once }),
  });
}

const bodyOf = ({ json }: Operation, ctx: Where, scope: Values): Json | undefined =>
  json === undefined ? undefined : filled(ctx, json, scope);

const idOf = ({ headers, body }: HttpResponse, { id, id_header }: Operation): string | undefined =>
  id_header === undefined ? textAt(body, id) : /([^/]+)\/?$/.exec(headers[id_header.toLowerCase()] ?? "")?.[1];

function verdict(response: HttpResponse, use: Operation, { answer }: Config): Outcome {
  const { status, body } = response;
  if (use.done.includes(status)) return accepted();
  const words = textAt(body, answer.message);
  // A row's own address that is not there is the row's matter, not the sync's.
  if ((status === 404 || status === 410) && use.path.includes("{{"))
    return rejected(`http_${status}`, words ?? "not found");
  const found = byStatus(response, words);
  if (found.status === "rejected") return rejected(textAt(body, answer.code) ?? found.code, found.message);
  const outcome = found.status === "accepted" ? told(body, answer) : found;
  if (outcome.status !== "accepted" || (use.id === undefined && use.id_header === undefined)) return outcome;
  const id = idOf(response, use);
  return id === undefined ? unknown("broken answer: the record's id is missing") : accepted(id);
}

/** The id of the row's record there; undefined where there is none, an outcome where the answer tells neither. */
function* lookedFor(find: Operation, change: Change, ctx: Where): Exchange<string | Outcome | undefined> {
  const scope = valuesOf(change, ctx, undefined);
  const response = yield* send(find, ctx, scope, bodyOf(find, ctx, scope), false);
  if (response.status === 404) return undefined;
  const outcome = verdict(response, { ...find, id: undefined, id_header: undefined }, ctx.config);
  if (outcome.status !== "accepted") return outcome;
  if (typeof response.body !== "object" || response.body === null)
    return unknown("broken answer: nothing to find in it");
  return idOf(response, find);
}

function* row(change: Change, ctx: Where): Exchange<Outcome> {
  const { find, ...config } = ctx.config;
  const removing = change.op === "remove";
  let remoteId = change.before?.remoteId;
  if (find !== undefined && remoteId === undefined) {
    const known = yield* lookedFor(find, change, ctx);
    if (typeof known === "object") return known;
    if (known === undefined && (removing || ctx.mode === "update")) return removing ? accepted() : skipped("not_found");
    remoteId = known;
  }
  const there = find === undefined ? change.op === "update" : remoteId !== undefined;
  const name = removing ? "remove" : there ? "update" : "add";
  if (name === "update" && config.update === undefined && find !== undefined) return accepted(remoteId);
  const use = config[name] ?? (name === "update" ? config.add : undefined) ?? undescribed(name);
  if (use.path.includes("remote_id") && remoteId === undefined)
    return rejected("no_remote_id", "the record's id is not known: set `id` where it was made, or `find`");
  const scope = valuesOf(change, ctx, remoteId);
  const response = yield* send(use, ctx, scope, bodyOf(use, ctx, scope), find !== undefined && name === "add");
  if (find !== undefined && response.status === 404 && change.before !== undefined) {
    // Deleted there since: looked for again, and made again.
    const { before: _, ...fresh } = change;
    return yield* row(fresh, ctx);
  }
  const outcome = verdict(response, use, ctx.config);
  return outcome.status === "accepted" && outcome.remoteId === undefined && !removing ? accepted(remoteId) : outcome;
}

function* together(batch: Batch, ctx: Where, { under, results }: z.output<typeof many>): Exchange<readonly Outcome[]> {
  const { config } = ctx;
  const use = config[batch.op] ?? (batch.op === "update" ? config.add : undefined) ?? undescribed(batch.op);
  const rows = batch.changes.map((change) => bodyOf(use, ctx, valuesOf(change, ctx, change.before?.remoteId)));
  const scope = { sync: ctx.sync, as_of: new Date(ctx.asOf).toISOString(), idempotency_key: batch.id };
  const response = yield* send(use, ctx, scope, under === "" ? rows : { [under]: rows }, false);
  const whole = byStatus(response, textAt(response.body, config.answer.message));
  if (whole.status !== "accepted" || results === undefined)
    return all(batch, verdict(response, { ...use, id: undefined }, config));
  return byIndex(batch, pointer(response.body, results), (result: unknown) => {
    const outcome = told(result, config.answer);
    return outcome.status === "accepted" ? accepted(textAt(result, use.id)) : outcome;
  });
}

function deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const { many: several } = ctx.config;
  return several === undefined ? rowByRow(batch, (change) => row(change, ctx)) : together(batch, ctx, several);
}

export default defineDestination<Config>({
  name: "http",
  describe: "Any HTTP API, described in YAML.",
  docs: "https://www.rfc-editor.org/rfc/rfc6901",
  guide: {
    credentials: "Whatever the API takes: a bearer token, a user and password, or secret headers.",
    refused: "By HTTP status, or by what `answer` finds in the body, for each row where the API tells rows apart.",
    erasure: "`remove` deletes a record, if the API's own request for it does.",
  },
  config: settings,
  credentials: z.strictObject(webCredentials),
  effects: ["http"],
  hosts: (config) => [new URL(addressOf(config, "")).hostname],
  auth: webAuth,
  objects: {
    record: defineObject<Config, string>({
      describe: "A record of the API",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "once",
      refusal: "atomic",
      identify: "key",
      identifiers: {},
      openIdentifiers: exact(),
      fields: {},
      openFields: anyValue({ describe: "What templates call fields.<name>" }),
      limits: { rows: 1 },
      configure: ({ many: several, find, delivery = find ? "set" : "once", remembers_hours }) => ({
        // A row at a time is a batch of its own: a lost answer holds that row only.
        limits: { rows: several?.rows ?? 1 },
        delivery,
        ...(delivery === "keyed" && { windowMs: remembers_hours * 3_600_000 }),
      }),
      deliver,
    }),
  },
});
