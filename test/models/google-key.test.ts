import { generateKeyPairSync } from "node:crypto";
import { expect, it, test } from "vitest";
import type { MillraceError } from "../../src/errors.ts";
import { googleKey } from "../../src/models/google-key.ts";
import { googleCredentials } from "../../src/models/remote-warehouse.ts";

const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
const key = { type: "service_account", client_email: "millrace@acme.iam.gserviceaccount.com", private_key: pem };
const json = JSON.stringify;

test.each<[string, string, string, RegExp]>([
  ["no JSON", "invented-secret", "it is not JSON", /file:/],
  ["the name of its file", "/run/secrets/gcp.json", "it is not JSON", /path of a file/],
  ["a key alone", String(pem), "it is not JSON", /private key alone/],
  ["base64", Buffer.from(json(key)).toString("base64"), "it is not JSON", /base64/],
  ["half of the file", json(key).slice(0, 200), "it is not JSON", /whole/],
  ["a list", "[1]", "it is JSON, but no object", /whole/],
  ["another type", json({ type: "invented" }), "its `type` is none that Google's client knows", /service_account/],
  ["a part missing", json({ ...key, client_email: "" }), "client_email is missing", /whole/],
  ["several missing", json({ type: "service_account" }), "client_email and private_key are missing", /whole/],
  [
    "a key that was cut",
    json({ ...key, private_key: String(pem).slice(0, 300) }),
    "its private_key cannot be read",
    /cut/,
  ],
  [
    "line breaks that were escaped twice",
    json({ ...key, private_key: String(pem).replaceAll("\n", "\\n") }),
    "its private_key cannot be read",
    /escaped twice/,
  ],
])("refuses %s, and shows nothing of it", (_, text, message, hint) => {
  try {
    googleKey(text);
    expect.unreachable();
  } catch (error) {
    const { diagnostics, cause } = error as MillraceError;
    expect(diagnostics).toMatchObject([
      {
        code: "E730",
        message: `connection.credentials of BigQuery is no key: ${message}`,
        hint: expect.stringMatching(hint),
      },
    ]);
    expect(cause).toBeUndefined();
    const told = json(diagnostics);
    const parts = text.split(/[\s"\\]+/).filter((part) => part.length > 12 && !part.includes("service_account"));
    expect(parts.filter((part) => told.includes(part))).toEqual([]);
  }
});

it("takes a service account's key, a user's and that of workload identity", () => {
  const user = { type: "authorized_user", client_id: "a", client_secret: "b", refresh_token: "c" };
  const federated = {
    type: "external_account",
    audience: "a",
    subject_token_type: "b",
    token_url: "c",
    credential_source: {},
  };
  for (const each of [key, user, federated]) expect(googleKey(json(each))).toEqual(each);
});

test.each([
  ["whom the machine is signed in as", {}, { kind: "default" }],
  ["a key", { credentials: json(key) }, { kind: "key", key }],
  ["an account in whose name the machine acts", { impersonate: "a@b" }, { kind: "impersonation", account: "a@b" }],
  [
    "an account in whose name a key acts",
    { impersonate: "a@b", credentials: json(key) },
    { kind: "impersonation", account: "a@b", key },
  ],
  ["nobody, at an emulator", { endpoint: "http://127.0.0.1:9050" }, { kind: "none" }],
  ["the machine's at a private endpoint", { endpoint: "https://bigquery-acme.p.example.com" }, { kind: "default" }],
  ["the machine's at a host that only begins so", { endpoint: "https://localhost.example.com" }, { kind: "default" }],
])("signs in as %s", (_, connection, expected) => {
  expect(googleCredentials(connection)).toEqual(expected);
});
