/** What a destination may ask of the way its effects travel: no repeat of one request, a secret path, another wire. */
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { type Destination, type Exchange, get, post, sql, type SqlReply } from "../../src/destination/index.ts";
import { openLine, type LineOptions } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import { type Wire, WireFault } from "../../src/engine/wire.ts";
import { virtualPorts } from "../engine/virtual-clock.ts";
import { answer, chaos, type Chaos, type Fault, resetAfterHead } from "./chaos.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const definition: Destination = {
  name: "fake",
  describe: "A fake.",
  docs: "https://docs.example.com",
  config: z.strictObject({}),
  credentials: z.strictObject({}),
  auth: { type: "custom", headers: () => ({}), path: ({ hook }) => hook as string | undefined },
  effects: ["http", "sql"],
  hosts: () => [],
  objects: {},
};

async function lineTo(faults: readonly Fault[], more: Partial<LineOptions> = {}) {
  const server: Chaos = await chaos(...faults);
  const http = createHttp({ allowPrivateHosts: [server.host], headersTimeoutMs: 5000 });
  const line = openLine({
    definition,
    config: { base_url: server.url },
    credentials: {},
    http,
    ports: virtualPorts(),
    limits: {},
    attempts: 4,
    deadlineMs: 600_000,
    onEvent: () => undefined,
    ...more,
  });
  closers.push(
    () => line.close(),
    () => http.close(),
    () => server.close(),
  );
  return { server, line };
}

const lost: readonly Fault[] = [resetAfterHead, answer(200, "done")];
const posted = (url: string, once: boolean) =>
  function* (): Exchange<number> {
    return (yield* post(`${url}/add`, {}, once ? { once } : {})).status;
  };

it("does not repeat a request that says so, whatever the object's delivery", async () => {
  for (const once of [true, false]) {
    const { server, line } = await lineTo(lost);
    const ended = await line.converse(posted(server.url, once)(), { once: false });
    expect(ended.status).toBe(once ? "unknown" : "answered");
    expect(server.requests.length).toBe(once ? 1 : 2);
  }
});

it("puts a secret path in place of the conversation's, under the declared host", async () => {
  const { server, line } = await lineTo([answer(200, "ok")], { credentials: { hook: "/services/T1/secret-path" } });
  await line.converse(
    (function* (): Exchange<void> {
      yield* get(`${server.url}/webhook`);
    })(),
    { once: false },
  );
  expect(server.requests.map((text) => text.split(" ")[1])).toEqual(["/services/T1/secret-path"]);
});

it.each<[string, readonly unknown[], boolean, object]>([
  ["answered", [{ results: [] }], false, { status: "answered", value: { results: [] }, repeated: false }],
  [
    "answered after doubt",
    [new WireFault("cut", true), { results: [] }],
    false,
    { status: "answered", value: { results: [] }, repeated: true },
  ],
  ["in doubt, where a repeat would harm", [new WireFault("cut", true)], true, { status: "unknown", message: "cut" }],
  ["never sent", [new WireFault("no way", false)], true, { status: "unsent", reason: "no way" }],
  [
    "failed for good",
    [new WireFault("refused", false, { code: "E812", hint: "renew it" })],
    false,
    { status: "failed", code: "E812", message: "refused", hint: "renew it", mayHaveApplied: false },
  ],
])("a transaction is %s", async (_, answers, once, expected) => {
  let tries = 0;
  const wire: Wire = {
    async carry() {
      const next = answers[Math.min(tries++, answers.length - 1)];
      if (next instanceof Error) throw next;
      return next;
    },
    async close() {},
  };
  const { line } = await lineTo([], { wire });
  const exchange = (function* (): Exchange<SqlReply> {
    return yield* sql([{ text: "DELETE FROM t" }]);
  })();
  expect(await line.converse(exchange, { once })).toEqual(expected);
});

it("a refused transaction leaves nothing in doubt, an answered one does", async () => {
  for (const [reply, status] of [
    [{ refused: { state: "23505", message: "twice" } }, "unsent"],
    [{ results: [] }, "unknown"],
  ] as const) {
    const wire: Wire = { carry: async () => reply, close: async () => undefined };
    const { server, line } = await lineTo([answer(500, "no")], { wire, attempts: 1 });
    const exchange = (function* (): Exchange<void> {
      yield* sql([{ text: "DELETE FROM t" }]);
      yield* get(`${server.url}/list`);
    })();
    expect((await line.converse(exchange, { once: false })).status).toBe(status);
  }
});

it("says so when code asks for a way that its account does not have", async () => {
  const { line } = await lineTo([]);
  const exchange = (function* (): Exchange<unknown> {
    return yield* sql([{ text: "SELECT 1" }]);
  })();
  expect(await line.converse(exchange, { once: false })).toMatchObject({ status: "unsent" });
});
