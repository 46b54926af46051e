import { expect, it } from "vitest";
import slack from "../../destinations/slack.ts";
import { encodeFields } from "../../src/destination/encode.ts";
import { object } from "../destination/drive.ts";

const message = object(slack, "message", { channel: "C123" });

it.each([
  [{ text: "x".repeat(40_001) }, "text: longer than 40000 characters"],
  [{}, "text: required, but NULL or not mapped"],
  [{ text: "x", blocks: "{}" }, "blocks: not a list of blocks"],
  [{ text: "x", blocks: "[{" }, "blocks: not a list of blocks"],
  [{ text: "x", blocks: Array.from({ length: 51 }, () => ({})) }, "blocks: more than 50 blocks"],
])("refuses before sending what Slack would: %#", (fields, words) => {
  expect(encodeFields(message, fields as never)).toMatchObject({ reject: { message: words } });
});

it("sends one message a request and a second, for good", () => {
  expect(message).toMatchObject({ delivery: "once", limits: { rows: 1, rate: { requests: 1, perSeconds: 1 } } });
});

it.each([
  [200, { ok: false, error: "token_revoked" }, "auth"],
  [200, { ok: false, error: "ratelimited" }, "throttled"],
  [429, { ok: false, error: "ratelimited" }, "throttled"],
  [200, { ok: false, error: "msg_too_long" }, undefined],
  [200, { ok: true }, undefined],
] as const)("%i %j is %s", (status, body, expected) => {
  expect(slack.classify?.({ status, headers: {}, body, text: JSON.stringify(body) })).toBe(expected);
});

it("keeps the address of an incoming webhook out of the conversation", () => {
  const { auth } = slack;
  const webhook = "https://hooks.slack.com/services/T1/B1/secret";
  expect(auth.type === "custom" && auth.path?.({ webhook })).toBe("/services/T1/B1/secret");
  expect(auth.type === "custom" && auth.path?.({ token: "x" })).toBeUndefined();
});
