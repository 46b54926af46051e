/**
 * Odoo: records of any model by `load`, its own import (`odoo/load.ts`). A record is known by an external id made of the
 * model's key (`odoo/external-ids.ts`). A load with a bad row saves nothing and names the row: the others are loaded again
 * without it.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, classify, type Config, settings } from "./odoo/api.ts";
import { auth, call, signIn } from "./odoo/call.ts";
import { record } from "./odoo/record.ts";

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
  auth,
  effects: ["http"],
  hosts: api.hosts,
  classify,
  *check(ctx) {
    const uid = yield* signIn(ctx);
    const signedIn = typeof uid === "number" || uid === null;
    const response = signedIn ? yield* call(ctx, uid, "ir.model.data", "search", { domain: [], limit: 1 }) : uid;
    return api.finding(response, "signs in and reads external ids");
  },
  objects: { record },
});
