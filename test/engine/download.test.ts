import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { RunEvent } from "../../src/core.ts";
import { type Destination, download, type Downloaded, type Exchange, get, post } from "../../src/destination/index.ts";
import { openLine } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import type { Http, HttpCall } from "../../src/ports.ts";
import { type Fake, startFake } from "../fakes/server.ts";
import { virtualPorts } from "./virtual-clock.ts";

const csv = { status: 200, headers: { "content-type": "text/csv" }, body: "email\nann@example.com\n" };
let api: Fake<null>;
let files: Fake<null>;
let http: Http & { close(): Promise<void> };
const events: RunEvent[] = [];
beforeEach(async () => {
  api = await startFake(null, () => ({ status: 200, body: {} }));
  files = await startFake(null, () => csv);
  http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  events.length = 0;
});
afterEach(async () => {
  await http.close();
  await api.close();
  await files.close();
});

const definition = (more: Partial<Destination> = {}): Destination => ({
  name: "fake",
  describe: "",
  docs: "",
  config: z.strictObject({}),
  credentials: z.strictObject({}),
  auth: { type: "bearer", secret: "token" },
  effects: ["http"],
  hosts: () => [],
  objects: {},
  ...more,
});
const hostOf = ({ url }: Fake<null>) => new URL(url).host;

function line(more: Partial<Destination> = {}, config: object = { download_hosts: [hostOf(files)] }, by: Http = http) {
  return openLine({
    definition: definition(more),
    config: { base_url: api.url, ...config },
    credentials: { token: "s3cret-token" },
    http: by,
    ports: virtualPorts(),
    limits: {},
    attempts: 3,
    deadlineMs: 600_000,
    onEvent: (event) => void events.push(event),
  });
}

/** What a conversation that only reads one file is given. */
async function read(url: string, through = line()): Promise<string> {
  const ended = await through.converse<Downloaded>(download(url), { once: true });
  if (ended.status !== "answered") return ended.status;
  return "text" in ended.value ? ended.value.text : ended.value.unread.replaceAll(/127\.0\.0\.1:\d+/g, "HOST");
}

it("gives a file of a declared host", async () => {
  expect(await read(`${files.url}/refused.csv?signature=1`)).toBe("email\nann@example.com\n");
  expect(files.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /refused.csv?signature=1"]);
  expect(events).toEqual([]);
});

it("reads from base_url's own host where no other is named, not from another port of it", async () => {
  expect(await read(`${api.url}/refused.csv`, line({}, {}))).toBe("{}");
  expect(await read(`${files.url}/refused.csv`, line({}, {}))).toMatch(/^E816: a file at HOST was named/);
  expect(files.requests).toEqual([]);
});

it("counts as a request of the run", async () => {
  const through = line();
  await through.converse(download(`${files.url}/refused.csv`), { once: false });
  expect(through.stats.requests).toBe(1);
});

it.each<[string, Partial<Destination>]>([
  ["a bearer token", {}],
  ["a header", { auth: { type: "header", header: "api-key", value: "{token}" } }],
  ["parameters", { auth: { type: "custom", headers: () => ({}), query: () => ({ key: "s3cret-token" }) } }],
  ["a signature", { auth: { type: "signed", sign: () => ({ authorization: "signed s3cret-token" }) } }],
])("sends nothing of an account that is known by %s", async (_, more) => {
  const through = line(more);
  await through.converse(get(`${api.url}/me`), { once: false });
  expect(JSON.stringify(api.requests)).toMatch(/s3cret-token|signed|key=/);
  await through.converse(download(`${files.url}/refused.csv`), { once: false, idempotencyKey: "k" });
  const [request] = files.requests;
  expect(request?.path).toBe("/refused.csv");
  expect(Object.keys(request?.headers ?? {}).toSorted()).toEqual([
    "accept",
    "accept-encoding",
    "connection",
    "host",
    "user-agent",
  ]);
});

const undeclared =
  "E816: a file at reports.example.net was named, which is not among the hosts to read from; if it is the platform's, list it under download_hosts of the destination's config";

it.each<[string, Partial<Destination>, object, string]>([
  ["no host at all", {}, { base_url: undefined }, undeclared],
  ["another host", { downloads: ["files.example.net"] }, { base_url: undefined }, undeclared],
  ["a glob that ends deeper", { downloads: ["*.reports.example.net"] }, { base_url: undefined }, undeclared],
  ["the host, but base_url goes before", { downloads: ["reports.example.net"] }, {}, undeclared],
  [
    "the host, but download_hosts goes before",
    { downloads: ["reports.example.net"] },
    { download_hosts: [] },
    undeclared,
  ],
  ["the host", { downloads: ["reports.example.net"] }, { base_url: undefined }, "sent"],
  ["a glob", { downloads: ["*.example.net"] }, { base_url: undefined }, "sent"],
  ["another, but download_hosts names it", { downloads: [] }, { download_hosts: ["reports.example.net"] }, "sent"],
])("with downloads of %s", async (_, more, config, expected) => {
  const calls: HttpCall[] = [];
  const counted: Http = {
    async send(call) {
      calls.push(call);
      return { status: 200, headers: {}, body: new TextEncoder().encode("sent") };
    },
  };
  expect(await read("https://reports.example.net/a.csv?signature=hush", line(more, config, counted))).toBe(expected);
  expect(calls).toHaveLength(expected === "sent" ? 1 : 0);
  expect(JSON.stringify(events)).not.toContain("hush");
  expect(events.map(({ event, level, fields }) => [event, level, fields["code"]])).toEqual(
    expected === "sent" ? [] : [["destination.file_unread", "warn", "E816"]],
  );
});

it.each([
  ["is not there", { status: 404 }, "E820: the file at HOST was not read: HTTP 404", 1],
  ["is no longer to be had", { status: 403 }, "E820: the file at HOST was not read: HTTP 403", 1],
  ["wants credentials", { status: 401 }, "E820: the file at HOST was not read: HTTP 401", 1],
  ["is a part", { status: 206 }, "E820: the file at HOST was not read: HTTP 206", 1],
  ["moved", { status: 302, headers: { location: "/b.csv" } }, "E820: the file at HOST was not read: HTTP 302", 1],
  ["does not come", { status: 503, times: 9 }, "E820: the file at HOST was not read: HTTP 503", 3],
  ["comes late", { status: 429, headers: { "retry-after": "2" } }, "email\nann@example.com\n", 2],
  ["is cut off", { applied: "reset", times: 9 }, "E820: the file at HOST was not read: the connection failed", 3],
  [
    "is larger than we read",
    { ...csv, body: `email\n${"ann@example.com\n".repeat(700_000)}` },
    "E820: the file at HOST was not read: the answer is larger than we read",
    1,
  ],
] as const)("a file that %s", async (_, fault, expected, requests) => {
  files.fail(fault);
  expect(await read(`${files.url}/a.csv`)).toContain(expected);
  expect(files.requests).toHaveLength(requests);
});

it("refuses a private address behind a declared name, and a place without TLS", async () => {
  const guarded = createHttp({
    allowPrivateHosts: [],
    resolve: (_, done) => done(null, [{ address: "10.0.0.7", family: 4 }]),
  });
  const through = () => line({ downloads: ["reports.example.net"] }, { base_url: undefined }, guarded);
  expect(await read("https://reports.example.net/a.csv", through())).toMatch(/^E816: .*private address/);
  expect(await read("http://reports.example.net/a.csv", through())).toMatch(/^E816: .*plain http/);
  expect(await read("https://user:pass@reports.example.net/a.csv", through())).toMatch(/^E816: a file at/);
  expect(await read("no address", through())).toMatch(/^E816: a file at an invalid address/);
  await guarded.close();
});

it("tells once of a host that gives no file, and tries the next file there once", async () => {
  files.fail({ status: 500, times: 99 });
  const through = line();
  for (let times = 0; times < 3; times++) await read(`${files.url}/${times}.csv`, through);
  expect(files.requests).toHaveLength(3 + 1 + 1);
  expect(events).toHaveLength(1);
});

it("tells a destination that declares its hosts in a wrong way as a bug of it", async () => {
  const through = line({ downloads: "reports.example.net" as never }, { base_url: undefined });
  expect(await read("https://reports.example.net/a.csv", through)).toBe("unsent");
  expect(events.map(({ event }) => event)).toEqual(["destination.bug"]);
});

it("says nothing of the account's health or credentials", async () => {
  files.fail({ status: 500, times: 99 });
  files.fail({ status: 401, times: 99 });
  const through = line();
  for (let times = 0; times < 20; times++) await read(`${files.url}/${times}.csv`, through);
  expect((await through.converse(get(`${api.url}/me`), { once: false })).status).toBe("answered");
  expect(events.map(({ event }) => event)).not.toContain("http.breaker_open");
});

it("is a read: alone it leaves nothing in doubt, after a write what the write left", async () => {
  const stopped = { maySend: () => false };
  const through = line();
  expect(await through.converse(download(`${files.url}/a.csv`), { once: true, ...stopped })).toEqual({
    status: "unsent",
    reason: "interrupted",
  });
  let sent = 0;
  function* both(): Exchange<Downloaded> {
    yield* post(`${api.url}/write`, {});
    return yield* download(`${files.url}/a.csv`);
  }
  const after = await through.converse(both(), { once: true, maySend: () => (sent += 1) <= 1 });
  expect(after).toEqual({ status: "unknown", message: "interrupted" });
  expect(files.requests).toEqual([]);
  expect(await through.converse(both(), { once: true })).toMatchObject({ status: "answered", repeated: false });
});
