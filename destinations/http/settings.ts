/** The API as it is described in YAML: a request per operation, for a row or for many, with what the answers mean. */
import type { Context } from "millrace/destination";
import { answerSettings, jsonPointer, networkSettings } from "millrace/destination";
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
const lookup = operation.extend({
  keep: z.record(z.string(), jsonPointer).default({}).describe("What more of its answer is found.<name> in templates."),
});
/** The request that looks for a row's record. */
export type Lookup = z.output<typeof lookup>;
/** The request of an operation. */
export type Operation = z.output<typeof operation>;

const many = z.strictObject({
  rows: z.int().min(1).max(10_000).describe("Rows of a request."),
  under: z.string().describe("The key of the body that holds the list of rows; empty: the body is the list."),
  results: jsonPointer
    .optional()
    .describe("Where the answer has a result per row, in order; absent: all rows fare alike."),
});
/** How several rows share a request. */
export type Many = z.output<typeof many>;

/** What an HTTP destination is configured with. */
export const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("The API's address, which all paths are behind."),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("Headers of every request; secrets belong in credentials."),
  find: lookup
    .optional()
    .describe("Asks for a row's record if its id is unknown, or `keep` set; no id in a good answer or a 404: absent."),
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
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;
