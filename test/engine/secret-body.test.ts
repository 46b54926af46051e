import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { type Destination, jsonApi, networkSettings, type NetworkSettings } from "../../src/destination/index.ts";
import { openLine } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import { startFake } from "../fakes/server.ts";
import { virtualPorts } from "./virtual-clock.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const api = jsonApi<NetworkSettings>({ base: () => "https://erp.example.com" });
const definition: Destination = {
  name: "fake",
  describe: "",
  docs: "",
  config: z.strictObject(networkSettings),
  credentials: z.strictObject({ key: z.string() }),
  auth: {
    type: "custom",
    headers: () => ({}),
    body: ({ key }, body) => body.replace('"key":null', `"key":${JSON.stringify(key)}`),
  },
  effects: ["http"],
  hosts: () => [],
  objects: {},
};

it("writes a secret into bodies on their way, and hides it in what comes back", async () => {
  const fake = await startFake({}, ({ text }) => ({ status: 200, body: { echo: text } }));
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  closers.push(
    () => http.close(),
    () => fake.close(),
  );
  const config = { base_url: fake.url, allow_private_network: true };
  const line = openLine({
    definition,
    config,
    credentials: { key: "very-secret-key" },
    ports: virtualPorts(),
    http,
    limits: {},
    attempts: 2,
    deadlineMs: 60_000,
    onEvent: () => undefined,
  });
  const ended = await line.converse(api.post({ config }, "rpc", { key: null, rows: 1 }), { once: false });
  expect(fake.requests.map(({ text }) => text)).toEqual(['{"key":"very-secret-key","rows":1}']);
  expect(JSON.stringify(ended)).toContain("echo");
  expect(JSON.stringify(ended)).not.toContain("very-secret-key");
});
