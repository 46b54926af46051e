import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import type { MillraceError } from "../../src/errors.ts";
import {
  connectionOptions,
  queryTag,
  type SnowflakeAuthentication,
  type SnowflakeOptions,
} from "../../src/warehouse/snowflake-options.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const plain = rsa.export({ type: "pkcs8", format: "pem" }).toString();
const encrypted = rsa
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "invented" })
  .toString();
const publicKey = createPublicKey(plain).export({ type: "spki", format: "pem" }).toString();
const options = (authentication: SnowflakeAuthentication): SnowflakeOptions => ({
  account: "shop-main",
  user: "MILLRACE",
  authentication,
  projectFolder: "shop",
});
const always = {
  account: "shop-main",
  username: "MILLRACE",
  application: "millrace",
  clientSessionKeepAlive: true,
  sfRetryMaxLoginRetries: 3,
  rowStreamHighWaterMark: 1024,
  representNullAsStringNull: false,
  jsTreatIntegerAsBigInt: true,
};

it.each<[string, SnowflakeAuthentication, object]>([
  ["a token", { kind: "oauth", token: "t" }, { authenticator: "OAUTH", token: "t" }],
  ["a password", { kind: "password", password: "p" }, { authenticator: "SNOWFLAKE", password: "p" }],
  ["a key", { kind: "key_pair", privateKey: plain }, { authenticator: "SNOWFLAKE_JWT", privateKey: plain }],
  [
    "an encrypted key, as plain one",
    { kind: "key_pair", privateKey: encrypted, passphrase: "invented" },
    { authenticator: "SNOWFLAKE_JWT", privateKey: plain },
  ],
  [
    "a key in the older form",
    { kind: "key_pair", privateKey: rsa.export({ type: "pkcs1", format: "pem" }).toString() },
    { authenticator: "SNOWFLAKE_JWT", privateKey: plain },
  ],
])("logs in with %s", (_, authentication, expected) => {
  expect(connectionOptions(options(authentication))).toEqual({ ...always, ...expected });
});

it("passes on where to work", () => {
  const place = { role: "R", warehouse: "W", database: "D", schema: "S" };
  const authentication = { kind: "oauth", token: "t" } as const;
  expect(connectionOptions({ ...options(authentication), ...place, endpoint: "http://127.0.0.1:1" })).toEqual({
    ...always,
    authenticator: "OAUTH",
    token: "t",
    ...place,
    accessUrl: "http://127.0.0.1:1",
    sfRetryMaxLoginRetries: 1,
  });
});

it.each<[string, string, string | undefined, string]>([
  ["no PEM", "secret-text", undefined, "the private key is no PEM text"],
  ["the name of its file", "keys/snowflake.p8", undefined, "the private key is no PEM text"],
  ["the public half", publicKey, undefined, "the private key is a public key"],
  ["lost line breaks", plain.replaceAll("\n", " "), undefined, "the private key has lost its line breaks"],
  ["a part cut off", `${plain.slice(0, 300)}\n-----END PRIVATE KEY-----`, undefined, "the private key cannot be read"],
  ["a wrong passphrase", encrypted, "other", "the passphrase does not open the private key"],
  ["no passphrase", encrypted, undefined, "the private key is encrypted, and there is no passphrase"],
  [
    "another type",
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    undefined,
    "the private key is of type ed25519, Snowflake takes RSA keys only",
  ],
])("refuses a key with %s, and shows nothing of it", (_, privateKey, passphrase, message) => {
  const authentication = { kind: "key_pair", privateKey, ...(passphrase === undefined ? {} : { passphrase }) } as const;
  try {
    connectionOptions(options(authentication));
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ message: `E740: ${message}` });
    const told = JSON.stringify((error as MillraceError).diagnostics);
    expect(privateKey.split(/\s+/).filter((line) => line.length > 20 && told.includes(line))).toEqual([]);
    expect((error as Error).cause).toBeUndefined();
  }
});

it("keeps the query tag within Snowflake's limit, as JSON", () => {
  expect(queryTag({ sync: "vip_to_meta" })).toBe('{"tool":"millrace","sync":"vip_to_meta"}');
  expect(queryTag({ sync: "x".repeat(3000) }).length).toBe(2000);
  expect(createPrivateKey(plain).asymmetricKeyType).toBe("rsa");
});
