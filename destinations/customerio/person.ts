import { anyValue, defineObject, emailField, phoneField, underSurest } from "millrace/destination";
import { type Config, limits } from "./api.ts";
import { itemHead, sendBatch } from "./batch.ts";
import { identify } from "./identify.ts";
import { identifiers, type Kind, kinds } from "./identity.ts";

/** People as records. */
export const person = defineObject<Config, Kind>({
  describe: "A person, known by id, Customer.io's id or e-mail",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers,
  fields: { email: emailField(), phone: phoneField() },
  openFields: anyValue({ describe: "Attribute" }),
  limits,
  deliver: (batch, ctx) =>
    batch.op === "remove"
      ? sendBatch(batch, ctx, (change) => itemHead(change, "delete"))
      : identify(underSurest(batch, kinds), ctx),
});
