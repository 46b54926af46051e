/** How one talks to Odoo: settings, and its troubles, which JSON-2 and JSON-RPC word alike. */
import type { Context, HttpResponse } from "millrace/destination";
import { deferred, jsonApi, networkSettings, rejected, stop } from "millrace/destination";
import { z } from "zod";

/** What an Odoo destination is configured with. */
export const settings = z.strictObject({
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
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;
export type Place = Pick<Where, "config">;

/** An exception of the server: `name` is its class, `odoo.exceptions.AccessDenied`. */
export interface Trouble {
  readonly name?: string;
  readonly message?: string;
}

/** The trouble of an answer: of JSON-2 the body itself, of JSON-RPC, under HTTP 200, the data of its error. */
export function troubleOf(body: any): Trouble | undefined {
  if (typeof body?.error === "object") return body.error?.data ?? body.error;
  return typeof body?.name === "string" ? body : undefined;
}

/** `AccessDenied` of `odoo.exceptions.AccessDenied`. */
const className = ({ name = "" }: Trouble): string => name.slice(name.lastIndexOf(".") + 1);

/** The server, for both protocols. */
export const api = jsonApi<Config>({
  base: ({ url }) => url,
  headers: ({ protocol, database }) => (protocol === "json2" ? { "x-odoo-database": database } : {}),
  fault({ body }) {
    const trouble = troubleOf(body);
    return trouble && { code: className(trouble), message: trouble.message };
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

/** A trouble with a name has undone its call; 500 without one may be anything. */
export const classify = ({ status, body }: HttpResponse): "reject" | undefined =>
  status >= 500 && troubleOf(body)?.name !== undefined ? "reject" : undefined;
