import { createVerify, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { grantOf, jwtAssertion } from "../../src/destination/index.ts";

it("is a JWT that the public key verifies", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const [header = "", claims = "", signature = ""] = jwtAssertion(pem, { iss: "me", exp: 5 }, { kid: "k1" }).split(".");
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  expect([decode(header), decode(claims)]).toEqual([
    { alg: "RS256", typ: "JWT", kid: "k1" },
    { iss: "me", exp: 5 },
  ]);
  const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
  expect(verify.verify(publicKey, signature, "base64url")).toBe(true);
});

it("asks for a token with what the credentials are enough for", () => {
  const app = { client_id: "app", client_secret: "hush" };
  expect(grantOf(app, {})).toEqual({ grant_type: "client_credentials", ...app });
  expect(grantOf({ ...app, refresh_token: "r" }, {})).toEqual({
    grant_type: "refresh_token",
    ...app,
    refresh_token: "r",
  });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(grantOf({ ...app, refresh_token: "r", private_key }, { iss: "app" })).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: jwtAssertion(private_key, { iss: "app" }),
  });
});
