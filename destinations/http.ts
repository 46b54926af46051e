/**
 * Any HTTP API, described in YAML (`http/settings.ts`): a request per operation, for a row (`http/row.ts`) or for many, with
 * what the answers mean. Templates are the mappings' own language over `key`, `identifiers`, `fields`, `remote_id`, `found`,
 * `idempotency_key`, `sync` and `as_of`; a text that is one output alone gives the value with its type.
 */
import { defineDestination, webAuth, webCredentials } from "millrace/destination";
import { z } from "zod";
import { addressOf } from "./http/operation.ts";
import { record } from "./http/record.ts";
import { type Config, settings } from "./http/settings.ts";

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
  objects: { record },
});
