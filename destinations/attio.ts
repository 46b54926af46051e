/**
 * Attio: records by assert (found by a unique attribute, or made), and being in a list. One record a request. A list entry
 * points to a record, so both objects use `attio/matched.ts`.
 */
import { defineDestination, said } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings } from "./attio/api.ts";
import { list } from "./attio/list.ts";
import { record } from "./attio/record.ts";

/** What the token may do, and whose it is, stands in its own description (docs.attio.com/rest-api/endpoint-reference/meta/identify). */
const scopes = ["record_permission", "object_configuration", "list_entry", "list_configuration"];

export default defineDestination<Config>({
  name: "attio",
  describe: "Attio records and lists.",
  docs: "https://docs.attio.com/rest-api/overview",
  guide: {
    credentials:
      "Workspace settings, Developers: make an access token with records and list entries read and write, object and list configuration read.",
    refused: "One record a request: each refused row has Attio's own code and words.",
    erasure: "Delete the record: `on_leave: delete`, or mode remove, on object record.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().min(1).describe("Access token of the workspace.") }),
  auth: { type: "bearer", secret: "api_key" },
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    const response = yield* api.get(ctx, "self");
    const granted = String(response.body?.scope);
    const missing = scopes.filter((scope) => !granted.includes(`${scope}:read`));
    return response.status === 200 && missing.length > 0
      ? [{ ok: false, message: `the token lacks ${missing.join(", ")}` }]
      : api.finding(response, "reads and writes records and lists");
  },
  account: (ctx) => said(api.get(ctx, "self"), (body) => body?.workspace_id),
  objects: { record, list },
});
