import { createVerify, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { type Auth, signedIn } from "../../src/destination/index.ts";

const url = "https://login.example.com/token";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keyFile = JSON.stringify({
  type: "service_account",
  client_email: "sync@project.example.com",
  private_key_id: "k1",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
});
const ask = (credentials: Readonly<Record<string, unknown>>) => {
  const auth: Auth = signedIn(url, "scope-1");
  return auth.type === "oauth2" ? auth.token({ credentials, config: {}, now: 1_700_000_000_999 }) : undefined;
};

it("signs in with the key of a service account, before any refresh token", () => {
  const { form, ...rest } = ask({ service_account: keyFile, refresh_token: "r" })!;
  expect(rest).toEqual({ url });
  expect(form["grant_type"]).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [header = "", claims = "", signature = ""] = form["assertion"]!.split(".");
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(decode(header)).toEqual({ alg: "RS256", typ: "JWT", kid: "k1" });
  expect(decode(claims)).toEqual({
    iss: "sync@project.example.com",
    scope: "scope-1",
    aud: url,
    iat: 1_700_000_000,
    exp: 1_700_003_600,
  });
  const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
  expect(verify.verify(publicKey, signature, "base64url")).toBe(true);
});

it.each([
  ["a refresh token", { client_id: "i", client_secret: "s", refresh_token: "r" }, "refresh_token"],
  ["an access token", { access_token: "t" }, undefined],
])("takes %s", (_, credentials, grant) => {
  expect(ask(credentials)?.form["grant_type"]).toBe(grant);
});

it.each([["no JSON"], ["{}"], ["[]"]])("says what is wrong with %s, without quoting it", (text) => {
  expect(() => ask({ service_account: text })).toThrow(/^E812: service_account is no key file of a service account$/);
});

it("carries further headers beside the token", () => {
  const auth: Auth = signedIn(url, "scope-1", ({ credentials }) => ({
    "developer-token": String(credentials["token"]),
  }));
  const given = { credentials: { token: "d" }, config: {}, now: 0 };
  expect(auth.type === "oauth2" && auth.headers?.("t", given)).toEqual({
    authorization: "Bearer t",
    "developer-token": "d",
  });
});
