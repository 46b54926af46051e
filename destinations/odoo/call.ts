/** Methods of models, by JSON-2 (Odoo 19 and newer) or JSON-RPC, and who calls them. */
import type { Auth, Exchange, HttpResponse, Json } from "millrace/destination";
import { stop } from "millrace/destination";
import { api, type Place, troubleOf } from "./api.ts";

/** Calls a method; the body of the answer is the value. `uid`: what {@link signIn} gave. `ids` of `params`: its records. */
export function* call(
  ctx: Place,
  uid: Json,
  model: string,
  method: string,
  params: Readonly<Record<string, Json>>,
): Exchange<HttpResponse> {
  if (ctx.config.protocol === "json2") return yield* api.post(ctx, `json/2/${model}/${method}`, params);
  const { ids, ...named } = params;
  const args = [ctx.config.database, uid, null, model, method, ids === undefined ? [] : [ids], named];
  return yield* remotely(ctx, "object", "execute_kw", args);
}

/** The user's id, which JSON-RPC needs (null with JSON-2); the answer where there is none to be had. */
export function* signIn(ctx: Place): Exchange<number | null | HttpResponse> {
  if (ctx.config.protocol === "json2") return null;
  const response = yield* remotely(ctx, "common", "authenticate", [ctx.config.database, null, null, {}]);
  if (response.body === false) return stop("credentials", "Odoo does not know login and API key", "renew the API key");
  return typeof response.body === "number" ? response.body : response;
}

/** JSON-RPC; {@link auth} puts login and key into their places of `args` on the way. */
function* remotely(ctx: Place, service: string, method: string, args: readonly Json[]): Exchange<HttpResponse> {
  const params = { service, method, args };
  const response = yield* api.post(ctx, "jsonrpc", { jsonrpc: "2.0", method: "call", params, id: 1 });
  return troubleOf(response.body) === undefined ? { ...response, body: response.body?.result } : response;
}

/** The key is a bearer token with JSON-2; with JSON-RPC it stands among the arguments: database, user, key. */
export const auth: Auth = {
  type: "custom",
  headers: ({ api_key, login }) => (login === undefined ? { authorization: `bearer ${String(api_key)}` } : {}),
  body({ api_key, login }, body) {
    if (!body.startsWith('{"jsonrpc"')) return body;
    const { params, ...rest } = JSON.parse(body);
    const [database, user, , ...args] = params.args;
    const signed = [database, params.service === "common" ? login : user, api_key, ...args];
    return JSON.stringify({ ...rest, params: { ...params, args: signed } });
  },
};
