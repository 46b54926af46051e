import { expect, it } from "vitest";
import { startFake } from "./server.ts";

const counter = () => startFake({ applied: 0 }, (request) => ({ status: 200, body: { applied: request.body.n } }));

it("applies before it hangs or resets, and not when it answers an error", async () => {
  const state = { applied: 0 };
  const hung = new AbortController();
  const fake = await startFake(state, ({ path }) => {
    if (path === "/c") hung.abort();
    return { status: 200, body: { applied: (state.applied += 1) } };
  });
  const send = (path: string, more = {}) => fetch(fake.url + path, { method: "POST", body: "{}", ...more });
  fake.fail({ on: "POST /only", status: 503, headers: { "retry-after": "2" } });
  fake.fail({ applied: "reset" });
  fake.fail({ before: "reset" });
  await expect(send("/a")).rejects.toThrow();
  expect(fake.state.applied).toBe(1);
  await expect(send("/b")).rejects.toThrow();
  expect(fake.state.applied).toBe(1);
  const refused = await send("/only");
  expect([refused.status, refused.headers.get("retry-after"), fake.state.applied]).toEqual([503, "2", 1]);
  fake.fail({ applied: "hang" });
  await expect(send("/c", { signal: hung.signal })).rejects.toThrow();
  expect(fake.state.applied).toBe(2);
  fake.fail({ applied: "broken" });
  await expect((await send("/d")).json()).rejects.toThrow();
  expect(fake.requests.map(({ path }) => path)).toEqual(["/a", "/b", "/only", "/c", "/d"]);
  await fake.close();
});

it("reads JSON and anything else", async () => {
  const fake = await counter();
  const answer = await fetch(fake.url, { method: "POST", body: '{"n":7}' });
  expect(await answer.json()).toEqual({ applied: 7 });
  expect(fake.requests[0]).toMatchObject({ method: "POST", path: "/", text: '{"n":7}', body: { n: 7 } });
  await fake.close();
});
