import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { type Destination, jsonApi, networkSettings, type NetworkSettings, stop } from "../../src/destination/index.ts";
import { openLine } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import { startFake } from "../fakes/server.ts";
import { virtualPorts } from "./virtual-clock.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const api = jsonApi<NetworkSettings>({ base: () => "https://ads.example.com" });
const definition: Destination = {
  name: "fake",
  describe: "",
  docs: "",
  config: z.strictObject(networkSettings),
  credentials: z.strictObject({}),
  auth: { type: "none" },
  effects: ["http"],
  hosts: () => [],
  objects: {},
  classify: ({ body }) => (body?.code > 0 ? "reject" : undefined),
};

/** How a POST ends whose answer stops the sync, when these answers come in turn. */
async function stopping(...answers: readonly { readonly status: number; readonly body: object }[]) {
  const fake = await startFake({}, () => ({ status: 200, body: {} }));
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  closers.push(
    () => http.close(),
    () => fake.close(),
  );
  for (const answer of answers) fake.fail(answer);
  const config = { base_url: fake.url, allow_private_network: true };
  const line = openLine({
    definition,
    config,
    credentials: {},
    ports: virtualPorts(),
    http,
    limits: {},
    attempts: 5,
    deadlineMs: 600_000,
    onEvent: () => undefined,
  });
  function* talk() {
    yield* api.post({ config }, "people", {});
    return stop("target_gone", "gone");
  }
  return await line.converse(talk(), { once: false });
}

const gone = { status: "failed", code: "E811" };
const code = { status: 200, body: { code: 40002 } };

it.each([
  ["a status", { status: 404, body: {} }, false],
  ["a code under HTTP 200 that the destination calls a refusal", code, false],
  ["nothing: it was taken", { status: 200, body: { code: 0 } }, true],
] as const)("rows may have been applied unless refused by %s", async (_, answer, mayHaveApplied) => {
  expect(await stopping(answer)).toMatchObject({ ...gone, mayHaveApplied });
});

it("a refusal under HTTP 200 says nothing of an earlier try that was lost", async () => {
  expect(await stopping({ status: 500, body: {} }, code)).toMatchObject({ status: "unknown" });
});
