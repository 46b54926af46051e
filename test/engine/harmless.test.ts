import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { defineDestination, type Exchange, post } from "../../src/destination/index.ts";
import { openLine } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import type { Http } from "../../src/ports.ts";
import { type Fake, startFake } from "../fakes/server.ts";
import { virtualPorts } from "./virtual-clock.ts";

let fake: Fake<null>;
let http: Http & { close(): Promise<void> };
beforeEach(async () => {
  fake = await startFake(null, () => ({ status: 200, body: {} }));
  http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
});
afterEach(async () => {
  await http.close();
  await fake.close();
});

const definition = defineDestination({
  name: "fake",
  describe: "",
  docs: "",
  config: z.strictObject({}),
  credentials: z.strictObject({}),
  auth: { type: "none" },
  effects: ["http"],
  hosts: () => [],
  objects: {},
});

/** Asks a question by POST, then writes. */
function* conversation(url: string, harmless: boolean): Exchange<string> {
  yield* post(`${url}/question`, {}, { harmless });
  yield* post(`${url}/write`, {});
  return "done";
}

function converse(harmless: boolean, once = false) {
  const base = { definition, config: { base_url: fake.url }, credentials: {}, http, ports: virtualPorts() };
  const line = openLine({ ...base, limits: {}, attempts: 3, deadlineMs: 60_000, onEvent: () => undefined });
  return line.converse(conversation(fake.url, harmless), {
    once,
    idempotencyKey: "k",
    signal: new AbortController().signal,
  });
}
const paths = () => fake.requests.map(({ path, headers }) => [path, headers["idempotency-key"]]);

it.each([
  [true, "throttled"],
  [false, "unknown"],
])("a question (harmless: %s) that was answered before the write is put off leaves %s", async (harmless, status) => {
  fake.fail({ on: "/write", status: 429, times: 9 });
  expect((await converse(harmless)).status).toBe(status);
});

it("asks again where an answer is lost, even for what must not be repeated, and takes no key of a write", async () => {
  fake.fail({ on: "/question", applied: "reset" });
  expect(await converse(true, true)).toEqual({ status: "answered", value: "done", repeated: false });
  expect(paths()).toEqual([
    ["/question", undefined],
    ["/question", undefined],
    ["/write", "k"],
  ]);
  fake.fail({ on: "/question", applied: "reset" });
  expect((await converse(false, true)).status).toBe("unknown");
});
