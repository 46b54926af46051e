import { expect, it } from "vitest";
import { awsSignature, objectPath } from "../../src/destination/aws-signature.ts";

/** The examples of "Authenticating Requests: Using the Authorization Header" in Amazon's S3 API reference. */
const scope = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
  service: "s3",
  now: Date.UTC(2013, 4, 24),
};
const bucket = "https://examplebucket.s3.amazonaws.com";
const sign = (method: string, url: string, headers: Record<string, string> = {}, body?: string) =>
  awsSignature({ method, url, headers, nonce: "", ...(body === undefined ? {} : { body }) }, scope);

it.each([
  [
    "GET",
    "/test.txt",
    { range: "bytes=0-9" },
    undefined,
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    "PUT",
    "/test%24file.text",
    { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    "Welcome to Amazon S3.",
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
  [
    "GET",
    "/?lifecycle",
    {},
    undefined,
    "host;x-amz-content-sha256;x-amz-date",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  ],
  [
    "GET",
    "/?max-keys=2&prefix=J",
    {},
    undefined,
    "host;x-amz-content-sha256;x-amz-date",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
])("signs %s %s as Amazon's example", (method, path, headers, body, names, signature) => {
  const { authorization } = sign(method, bucket + path, headers as Record<string, string>, body);
  expect(authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  );
});

it("signs the token of temporary credentials, and hashes the content", () => {
  const request = { method: "PUT", url: `${bucket}/a`, headers: {}, nonce: "", body: "x" };
  const headers = awsSignature(request, { ...scope, sessionToken: "tok" });
  expect(headers).toMatchObject({
    "x-amz-security-token": "tok",
    "x-amz-content-sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    "x-amz-date": "20130524T000000Z",
  });
  expect(headers.authorization).toContain("x-amz-date;x-amz-security-token,");
});

it("escapes a key but for its slashes", () => {
  expect(objectPath("out/a b/ü+(1)*.csv")).toBe("out/a%20b/%C3%BC%2B%281%29%2A.csv");
});
