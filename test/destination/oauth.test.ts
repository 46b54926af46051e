import { createVerify, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { jwtAssertion } from "../../src/destination/index.ts";

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
