import { expect, it } from "vitest";
import { api, fakeLine } from "./fake-line.ts";

/** How a POST ends whose first answers are a fault, and how often it was sent. */
async function posting(once: boolean, fault: { readonly status: number } | { readonly applied: "reset" }) {
  const { fake, config, line } = await fakeLine();
  fake.fail({ ...fault, times: 2 });
  const ended = await line.converse(api.post({ config }, "companies", {}, { once }), { once: false });
  return [ended.status, fake.requests.length];
}

it.each([
  [{ status: 500 }, ["unknown", 1], ["answered", 3]],
  [{ applied: "reset" }, ["unknown", 1], ["answered", 3]],
  // Certainly not taken: sent again all the same.
  [{ status: 429 }, ["answered", 3], ["answered", 3]],
] as const)("a request that makes something is not repeated after %j", async (fault, once, often) => {
  expect(await posting(true, fault)).toEqual(once);
  expect(await posting(false, fault)).toEqual(often);
});
