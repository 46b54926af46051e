import type { Json } from "../core.ts";
import { normalizeEmail } from "./identifiers/email.ts";
import { normalizePhoneE164 } from "./identifiers/phone.ts";
import type { Field } from "./index.ts";

const normalised = (
  describe: string,
  normalize: (raw: string) => string | null,
  reject: string,
  unreadable: "refuse" | "null" = "refuse",
): Field => ({
  describe,
  encode(value: Json) {
    if (value === null) return { value };
    const found = typeof value === "object" ? null : normalize(String(value));
    return found === null && unreadable === "refuse" ? { reject } : { value: found };
  },
});

/** An e-mail address where it is a field, not what a row is known by: trimmed and lower-cased, else the row is refused. */
export const emailField = (): Field => normalised("E-mail address", normalizeEmail, "not an e-mail address");

/**
 * A phone number as a field: E.164 with plus, from a spelling with its country code. One that cannot be read refuses the row, or
 * counts as NULL where a phone must not cost the row.
 */
export const phoneField = (how: { readonly unreadable?: "refuse" | "null" } = {}): Field =>
  normalised("Phone number, E.164", normalizePhoneE164, "not a phone number with its country code", how.unreadable);
