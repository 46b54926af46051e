import { email, normalizeEmail } from "millrace/destination";
import { recordsOf } from "./record.ts";
import { knownBy, type RecordType } from "./table.ts";

/** Contacts: their e-mail is unique. */
export const contacts: RecordType = { ...knownBy("contacts", "email"), kind: "email", form: normalizeEmail };

/** `contact`: people by their e-mail. */
export const contact = recordsOf(contacts, "A contact, known by its e-mail", { email: email() });
