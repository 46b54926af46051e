import { afterEach } from "vitest";
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

/** An API whose every answer is `200 {}` but for the faults that a test queues. */
export const api = jsonApi<NetworkSettings>({ base: () => "https://crm.example.com" });

/** A fake platform, the line to it on a clock that never waits, and the configuration that `api` takes; closed by itself. */
export async function fakeLine(more: Pick<Destination, "classify"> = {}) {
  const fake = await startFake({}, () => ({ status: 200, body: {} }));
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  closers.push(
    () => http.close(),
    () => fake.close(),
  );
  const config = { base_url: fake.url, allow_private_network: true };
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
    ...more,
  };
  const limits = { limits: {}, attempts: 5, deadlineMs: 600_000 };
  const line = openLine({
    definition,
    config,
    credentials: {},
    ports: virtualPorts(),
    http,
    ...limits,
    onEvent: () => undefined,
  });
  return { fake, config, line };
}
