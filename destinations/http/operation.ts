/** One request of an operation: filled from its templates, sent, judged by its answer. */
import type { Change, Exchange, HttpResponse, Json, Op, Outcome, Values } from "millrace/destination";
import { accepted, byStatus, filled, mapValues, rejected, rendered, request, stop } from "millrace/destination";
import { textAt, told, unknown } from "millrace/destination";
import type { Config, Operation, Where } from "./settings.ts";

/** The operation that stands for an op: without `update`, `add` does both. Stops where there is none. */
export function operationOf({ config }: Where, op: Op): Operation {
  const found = config[op] ?? (op === "update" ? config.add : undefined);
  if (found !== undefined) return found;
  return stop("target", `the destination's config has no \`${op}\``, `describe the request under \`${op}:\``);
}

/** What templates may say of the run. */
export const runValues = (ctx: Where): Values => ({ sync: ctx.sync, as_of: new Date(ctx.asOf).toISOString() });

/** What templates may say of a row; without `remoteId` there is no `remote_id`. `found`: what `find` kept of its answer. */
export function rowValues(change: Change, ctx: Where, remoteId: string | undefined, found: Values = {}): Values {
  const { key, identifiers, fields, idempotencyKey: idempotency_key } = change;
  const remote = remoteId === undefined ? {} : { remote_id: remoteId };
  return { key, identifiers, fields, idempotency_key, ...remote, found, ...runValues(ctx) };
}

/** The body of one row. */
export const bodyOf = ({ json }: Operation, ctx: Where, values: Values): Json | undefined =>
  json === undefined ? undefined : filled(ctx, json, values);

/** The address of a path behind `url`; `base_url` replaces scheme and host. */
export function addressOf({ url, base_url }: Config, path: string): string {
  const { origin, pathname } = new URL(url);
  return `${(base_url ?? origin).replace(/\/+$/, "")}${pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}

/**
 * Sends an operation with that body, unless it has a form. `once`: never repeated while it may have been taken; `harmless`: a
 * question, whatever its method.
 */
export function* send(
  operation: Operation,
  ctx: Where,
  values: Values,
  json: unknown,
  extra: { readonly once?: true; readonly harmless?: true } = {},
): Exchange<HttpResponse> {
  const { method, path, form, headers } = operation;
  const textOf = (template: string): string => rendered(ctx, template, values, "text");
  const body = form === undefined ? json : new URLSearchParams(mapValues(form, textOf)).toString();
  return yield* request({
    method,
    url: addressOf(ctx.config, rendered(ctx, path, values, "url")),
    headers: {
      ...(form && { "content-type": "application/x-www-form-urlencoded" }),
      ...ctx.config.headers,
      ...headers,
    },
    ...(body !== undefined && { body }),
    ...extra,
  });
}

/** The record's id in an answer. */
export function idOf({ headers, body }: HttpResponse, { id, id_header }: Operation): string | undefined {
  if (id_header === undefined) return textAt(body, id);
  return /([^/]+)\/?$/.exec(headers[id_header.toLowerCase()] ?? "")?.[1];
}

/** How an operation went by its answer, whatever the record's id is. */
export function judged(response: HttpResponse, { done, path }: Operation, { answer }: Config): Outcome {
  const { status, body } = response;
  if (done.includes(status)) return accepted();
  const words = textAt(body, answer.message);
  // A row's own address that is not there is the row's matter, not the sync's.
  if ((status === 404 || status === 410) && path.includes("{{"))
    return rejected(`http_${status}`, words ?? "not found");
  const outcome = byStatus(response, words);
  if (outcome.status === "accepted") return told(body, answer);
  if (outcome.status !== "rejected") return outcome;
  return rejected(textAt(body, answer.code) ?? outcome.code, outcome.message);
}

/** The same with the record's id, which the answer must name where the operation says how. */
export function verdict(response: HttpResponse, operation: Operation, config: Config): Outcome {
  const outcome = judged(response, operation, config);
  const namesId = operation.id !== undefined || operation.id_header !== undefined;
  if (outcome.status !== "accepted" || !namesId || operation.done.includes(response.status)) return outcome;
  const id = idOf(response, operation);
  return id === undefined ? unknown("broken answer: the record's id is missing") : accepted(id);
}
