import { expect, it } from "vitest";
import { type Effect, type Exchange, type HttpResponse, jsonApi } from "../../src/destination/index.ts";

interface Config {
  readonly base_url?: string;
  readonly allow_private_network: boolean;
  readonly version: string;
}
const config: Config = { allow_private_network: false, version: "v2" };
const response = (status: number, body?: unknown): HttpResponse => ({ status, headers: {}, body, text: "" });

/** The requests of a conversation whose every answer is `reply`; `session` answers the effect of that name. */
function asked(exchange: Exchange<unknown>, session = {}): readonly Effect[] {
  const effects: Effect[] = [];
  for (let step = exchange.next(); step.done !== true;) {
    effects.push(step.value);
    step = exchange.next("session" in step.value ? session : response(200));
  }
  return effects;
}

const api = jsonApi<Config>({
  base: ({ version }) => `https://api.example.com/${version}/`,
  headers: ({ version }) => ({ "x-version": version }),
  fault: ({ body }) => (body?.error === undefined ? undefined : { code: body.error.code, message: body.error.words }),
});

it("puts base, path, headers and body together", () => {
  expect(asked(api.post({ config }, "/rows", { a: 1 }, { headers: { extra: "1" }, afterMs: 5 }))).toEqual([
    {
      http: {
        method: "POST",
        url: "https://api.example.com/v2/rows",
        headers: { "x-version": "v2", extra: "1" },
        body: { a: 1 },
        afterMs: 5,
      },
    },
  ]);
  expect(asked(api.get({ config }, "https://other.example.com/next?page=2"))).toMatchObject([
    { http: { url: "https://other.example.com/next?page=2" } },
  ]);
});

it("keeps the path of the base where base_url replaces its host", () => {
  const sandbox = { ...config, base_url: "http://127.0.0.1:4400/proxy/" };
  expect(asked(api.get({ config: sandbox }, "rows"))).toMatchObject([
    { http: { url: "http://127.0.0.1:4400/proxy/v2/rows" } },
  ]);
  expect([api.hosts(config, {}), api.hosts(sandbox, {})]).toEqual([["api.example.com"], ["127.0.0.1"]]);
});

it("asks for the session where the base needs it", () => {
  const crm = jsonApi<Config>({ base: (_, { instance_url: url = "" }) => `${url}/data`, session: true });
  expect(asked(crm.del({ config }, "x"), { instance_url: "https://shop.example.com" })).toEqual([
    { session: true },
    { http: { method: "DELETE", url: "https://shop.example.com/data/x" } },
  ]);
});

it.each([
  [response(200, {}), { status: "accepted" }],
  [response(422, { error: { code: "E7", words: "no" } }), { status: "rejected", code: "E7", message: "no" }],
  [response(422, {}), { status: "rejected", code: "http_422", message: "HTTP 422" }],
  [response(200, { error: { code: "E7", words: "no" } }), { status: "rejected", code: "E7", message: "no" }],
  [response(200, { error: {} }), { status: "rejected", code: "refused", message: "HTTP 200" }],
  [response(429, { error: { code: "E7", words: "slow" } }), { status: "deferred", message: "slow" }],
  [response(500, { error: { code: "E7", words: "oops" } }), { status: "unknown", message: "oops" }],
])("judges %j", (answer, outcome) => {
  expect(api.outcome(answer)).toEqual(outcome);
});

it("never takes an answer for success that lacks what it should hold", () => {
  expect(api.broken(response(200, {}))).toEqual({
    status: "unknown",
    message: "broken answer: HTTP 200 without what was asked",
  });
  expect(api.broken(response(422, { error: { code: "E7", words: "no" } }))).toMatchObject({ status: "rejected" });
});

it("lets a judge go before status and fault", () => {
  const strict = jsonApi<Config>({
    base: () => "https://api.example.com",
    judge: ({ body }) => (body?.ok === false ? { status: "deferred", message: "later" } : undefined),
  });
  expect(strict.outcome(response(200, { ok: false }))).toEqual({ status: "deferred", message: "later" });
});
