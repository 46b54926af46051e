/** What the driver's client is told of each request, against a stand-in of it in a project's folder. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { limitRetries } from "../../src/warehouse/snowflake-retries.ts";
import { retriesAt } from "../../src/warehouse/retries.ts";

type Hooks = Record<"before" | "answered" | "failed", (given: any) => any>;

async function driver(client: string): Promise<string> {
  const project = await mkdtemp(path.join(os.tmpdir(), "millrace-retries-"));
  const at = path.join(project, "node_modules/snowflake-sdk");
  await mkdir(path.join(at, "lib/http"), { recursive: true });
  await writeFile(path.join(at, "package.json"), '{ "name": "snowflake-sdk", "version": "0.0.0", "main": "index.js" }');
  await writeFile(path.join(at, "index.js"), "");
  if (client !== "") await writeFile(path.join(at, "lib/http/axios_instance.js"), client);
  return project;
}

const client = `const hooks = globalThis.hooksOfTest;
exports.default = { interceptors: {
  request: { use: (before) => { hooks.before = before; hooks.times = (hooks.times ?? 0) + 1; } },
  response: { use: (answered, failed) => Object.assign(hooks, { answered, failed }) } } };`;

it("holds each request to so many tries, and to one where the host has gone", async () => {
  const hooks = {} as Hooks & { times: number };
  (globalThis as Record<string, unknown>)["hooksOfTest"] = hooks;
  const project = await driver(client);
  limitRetries(project);
  limitRetries(project);
  expect(hooks.times).toBe(1);
  const asked = (url: string): number =>
    hooks.before({ url, snowflakeRetryConfig: { maxRetries: 1000 } }).snowflakeRetryConfig.maxRetries;
  const [here, there] = ["http://127.0.0.1:1/queries", "https://shop.snowflakecomputing.com/queries"];
  expect([asked(here), asked(there)]).toEqual([1, 6]);
  await expect(hooks.failed({ config: { url: there } })).rejects.toEqual({ config: { url: there } });
  expect([asked(here), asked(there)]).toEqual([1, 0]);
  hooks.answered({ config: { url: there } });
  expect([asked(here), asked(there)]).toEqual([1, 6]);
  // An answer that is an error is one.
  await expect(hooks.failed({ config: { url: there }, response: {} })).rejects.toBeDefined();
  expect(asked(there)).toBe(6);
});

it("leaves a driver without that client as it is", async () => {
  expect(() => limitRetries("/nowhere")).not.toThrow();
  limitRetries(await driver(""));
});

it.each<[string | undefined, number]>([
  [undefined, 6],
  ["https://bigquery.googleapis.com", 6],
  ["http://127.0.0.1:9050", 1],
  ["http://localhost:9050", 1],
  ["http://[::1]:9050", 1],
  ["no address", 6],
])("sends to %s again %i times", (address, times) => {
  expect(retriesAt(address).times).toBe(times);
});
