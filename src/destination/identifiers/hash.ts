import { createHmac, hash } from "node:crypto";

/** How a normal form travels; `sha256_base64` is the base64 of the raw digest (The Trade Desk). */
export type HashForm = "sha256" | "sha256_base64" | "md5" | "sha1" | "sha512";

/** Digest of bytes or of UTF-8 text: lower-case hex, or base64 for `sha256_base64`. Callers never pass an empty text. */
export function digest(form: HashForm, text: string | Uint8Array): string {
  return form === "sha256_base64" ? hash("sha256", text, "base64") : hash(form, text, "hex");
}

const forms: Readonly<Record<HashForm, RegExp>> = {
  sha256: /^[0-9a-f]{64}$/,
  sha256_base64: /^[0-9a-f]{64}$/,
  md5: /^[0-9a-f]{32}$/,
  sha1: /^[0-9a-f]{40}$/,
  sha512: /^[0-9a-f]{128}$/,
};

/** A value the user declared to be hashed already, as it travels; null when it does not have the form of the hash. */
export function hashedAlready(form: HashForm, raw: string): string | null {
  const text = raw.trim();
  if (form === "sha256_base64" && /^[A-Za-z0-9+/]{43}=$/.test(text)) return text;
  const hex = text.toLowerCase();
  if (!forms[form].test(hex)) return null;
  return form === "sha256_base64" ? Buffer.from(hex, "hex").toString("base64") : hex;
}

/** Lower-case hex of HMAC-SHA-256: proofs and signatures of requests. */
export function hmacSha256(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}
