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

const api = jsonApi<NetworkSettings>({ base: () => "https://crm.example.com" });
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
};

/** How a POST ends whose first answers are a fault, and how often it was sent. */
async function posting(once: boolean, fault: { readonly status: number } | { readonly applied: "reset" }) {
  const fake = await startFake({}, () => ({ status: 200, body: {} }));
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  closers.push(
    () => http.close(),
    () => fake.close(),
  );
  fake.fail({ ...fault, times: 2 });
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
