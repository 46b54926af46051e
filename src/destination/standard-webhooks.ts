import { createHmac } from "node:crypto";

/**
 * The headers of a Standard Webhooks message: HMAC-SHA-256 of `id.timestamp.body` over the exact bytes sent, the key being
 * the base64 after `whsec_`. Two secrets, space-separated, sign twice (rotation). Timestamp in unix seconds.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhook(
  secret: string,
  parts: { readonly id: string; readonly body: string | Uint8Array; readonly timestamp: number },
): Readonly<Record<string, string>> {
  const signatures = secret.split(" ").map((one) => {
    const key = Buffer.from(one.replace(/^whsec_/, ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${parts.id}.${parts.timestamp}.`).update(parts.body).digest("base64")}`;
  });
  return {
    "webhook-id": parts.id,
    "webhook-timestamp": String(parts.timestamp),
    "webhook-signature": signatures.join(" "),
  };
}
