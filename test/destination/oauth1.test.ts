import { expect, it } from "vitest";
import { oauth1Signature, signingOauth1 } from "../../src/destination/index.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };
const photos = {
  oauth_consumer_key: "dpf43f3p2l4k3l03",
  oauth_signature_method: "HMAC-SHA1",
};
const consumer = "kd94hf93k423kf44";

it.each([
  [
    "RFC 5849 §1.2, temporary credentials",
    { method: "POST", url: "https://photos.example.net/initiate", headers: {} },
    {
      ...photos,
      oauth_timestamp: "137131200",
      oauth_nonce: "wIjqoS",
      oauth_callback: "http://printer.example.com/ready",
    },
    { consumer },
    "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
  ],
  [
    "RFC 5849 §1.2, token credentials",
    { method: "POST", url: "https://photos.example.net/token", headers: {} },
    {
      ...photos,
      oauth_token: "hh5s93j4hdidpola",
      oauth_timestamp: "137131201",
      oauth_nonce: "walatlh",
      oauth_verifier: "hfdp7dh39dks9884",
    },
    { consumer, token: "hdhd0244k9j7ao03" },
    "gKgrFCywp7rO0OXSjdot/IHF7IU=",
  ],
  [
    "RFC 5849 §1.2, a resource with a query",
    { method: "GET", url: "http://photos.example.net/photos?file=vacation.jpg&size=original", headers: {} },
    { ...photos, oauth_token: "nnch734d00sl2jdk", oauth_timestamp: "137131202", oauth_nonce: "chapoH" },
    { consumer, token: "pfkkdhi9sl3r4s00" },
    "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
  ],
  [
    "RFC 5849 §3.4.1.1 with its erratum 2550: names twice, empty, encoded, in query and form",
    {
      method: "POST",
      url: "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
      headers: form,
      body: "c2&a3=2+q",
    },
    {
      oauth_consumer_key: "9djdj82h48djs9d2",
      oauth_token: "kkk9d7dh3k39sjv7",
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: "137131201",
      oauth_nonce: "7d8f3e4a",
    },
    { consumer: "j49sk3j29djd", token: "dh893hdasih9" },
    "r6/TJjbCOr97/+UU0NsvSne7s5g=",
  ],
])("%s", (_, request, oauth, secrets, signature) => {
  expect(oauth1Signature(request, oauth, secrets)).toBe(signature);
});

it("signs with the credentials, the clock and the nonce it is given, and no JSON body", () => {
  if (signingOauth1.type !== "signed") throw new Error("it signs");
  const credentials = { consumer_key: "key", consumer_secret: "s1", access_token: "tok!", access_token_secret: "s2" };
  const request = { method: "POST", url: "https://example.com/a?b=c", nonce: "n1" };
  const json = { "content-type": "application/json" };
  const sign = (body: string, now: number) =>
    signingOauth1.type === "signed"
      ? signingOauth1.sign({ ...request, headers: json, body }, { credentials, config: {}, now })["authorization"]
      : undefined;
  const header = sign("[1]", 1_500_999);
  expect(header?.replace(/oauth_signature="[^"]+"/, "…")).toBe(
    'OAuth oauth_consumer_key="key", oauth_nonce="n1", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1500", ' +
      'oauth_token="tok%21", oauth_version="1.0", …',
  );
  expect(sign("[2]", 1_500_000)).toBe(header);
  expect(sign("[1]", 1_501_000)).not.toBe(header);
});
