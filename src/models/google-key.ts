/** The text of `connection.credentials` of BigQuery: what Google's client would only refuse later, and in words of its own. */
import { createPrivateKey } from "node:crypto";
import { failure, type MillraceError } from "../errors.ts";

/** Kinds of credentials that Google's client reads out of JSON, and what each must have. */
const needed: Readonly<Record<string, readonly string[]>> = {
  service_account: ["client_email", "private_key"],
  authorized_user: ["client_id", "client_secret", "refresh_token"],
  external_account: ["audience", "subject_token_type", "token_url", "credential_source"],
  external_account_authorized_user: ["audience", "refresh_token", "token_url", "client_id", "client_secret"],
  impersonated_service_account: ["service_account_impersonation_url", "source_credentials"],
};

/** The key as an object; E730 for what is none, without a word of it: what stands there is a secret. */
export function googleKey(text: string): Readonly<Record<string, unknown>> {
  const key = parsed(text);
  const type = key["type"] ?? "service_account";
  const keys = typeof type === "string" && Object.hasOwn(needed, type) ? needed[type] : undefined;
  if (keys === undefined)
    throw broken("its `type` is none that Google's client knows", `known are ${Object.keys(needed).join(", ")}`);
  const missing = keys.filter((name) => key[name] === undefined || key[name] === "");
  if (missing.length > 0)
    throw broken(
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
      "take the JSON file whole, as Google made it",
    );
  if (type === "service_account") checkPrivateKey(String(key["private_key"]));
  return key;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken("it is not JSON", nextStep(text.trim()));
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw broken("it is JSON, but no object", "take the JSON file whole, as Google made it");
}

/** What people give instead of the text of the file. */
function nextStep(text: string): string {
  if (/^[\w./~\\: -]{1,400}$/.test(text) && /\.json$|^[~.]?\//.test(text))
    return "it looks like the path of a file: write `${file:path}` instead of its name";
  if (text.startsWith("-----BEGIN")) return "it is a private key alone: take the JSON file whole, as Google made it";
  if (/^[A-Za-z0-9+/\s]{40,}={0,2}$/.test(text)) return "it looks like base64: give the JSON text itself";
  return "give the text of the JSON file whole: `${file:/run/secrets/gcp.json}`, or a variable by `${env:…}` with all of it";
}

function checkPrivateKey(pem: string): void {
  try {
    createPrivateKey(pem);
  } catch {
    // Without the cause: OpenSSL's words may hold parts of the key.
    throw broken(
      "its private_key cannot be read",
      pem.includes("\\n")
        ? "its line breaks were escaped twice (\\\\n): give the JSON file as Google made it"
        : "it was cut or changed: make a new key for the service account and take its JSON file whole",
    );
  }
}

function broken(what: string, hint: string): MillraceError {
  return failure("E730", `connection.credentials of BigQuery is no key: ${what}`, { hint });
}
