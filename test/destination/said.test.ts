import { expect, it } from "vitest";
import { get, said, type HttpResponse } from "../../src/destination/index.ts";

function answered(status: number, body: unknown): string | undefined {
  const asked = said(get("https://api.example.com/me"), (given) => given?.id);
  expect(asked.next().value).toEqual({ http: { method: "GET", url: "https://api.example.com/me" } });
  const response: HttpResponse = { status, headers: {}, body, text: "" };
  const ended = asked.next(response);
  return ended.done === true ? ended.value : "it asks again";
}

it.each([
  [200, { id: "acme" }, "acme"],
  [200, { id: 12 }, "12"],
  [200, { id: "" }, undefined],
  [200, { id: null }, undefined],
  [200, { id: ["acme"] }, undefined],
  [200, { id: true }, undefined],
  [200, null, undefined],
  [200, undefined, undefined],
  [204, undefined, undefined],
  [202, { id: "acme" }, undefined],
  [403, { id: "acme" }, undefined],
])("HTTP %d with %j says %s", (status, body, account) => expect(answered(status, body)).toBe(account));
