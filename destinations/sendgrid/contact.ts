import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { defineObject, email } from "millrace/destination";
import { api, type Config, limits } from "./api.ts";
import { customField, ownFields } from "./contact-fields.ts";
import { takeAway } from "./contact-ids.ts";
import { contactJob } from "./contact-job.ts";
import { writeContacts } from "./write-contacts.ts";

/** Without the checkpoint: a batch may need several such jobs, and each would take the kept one for its own. */
const erase = (some: Batch, { config }: Context<Config>, ids: string): Exchange<readonly Outcome[]> =>
  contactJob(some, { config }, () => api.del({ config }, `marketing/contacts?ids=${ids}`));

/** Contacts as records. */
export const contact = defineObject<Config, "email">({
  describe: "A contact, known by its e-mail",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: ownFields,
  openFields: customField,
  limits,
  deliver: (batch, ctx) => (batch.op === "remove" ? takeAway(batch, ctx, erase) : writeContacts(batch, ctx, [])),
});
