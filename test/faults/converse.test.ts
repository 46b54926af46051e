import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RunEvent } from "../../src/core.ts";
import {
  checkpoint,
  get,
  post,
  stop,
  type Destination,
  type Effect,
  type Exchange,
  type HttpResponse,
} from "../../src/destination/index.ts";
import { openLine, type Conversation, type ConverseOptions, type LineOptions } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { virtualPorts } from "../engine/virtual-clock.ts";
import { answer, chaos, hang, raw, resetAfterHead, type Chaos, type Fault } from "./chaos.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const definition = (more: Partial<Destination> = {}): Destination => ({
  name: "fake",
  describe: "A fake.",
  docs: "https://docs.example.com",
  config: z.strictObject({}),
  credentials: z.strictObject({}),
  auth: { type: "bearer", secret: "token" },
  effects: ["http", "file", "checkpoint", "wait"],
  hosts: () => [],
  objects: {},
  ...more,
});

interface Setting {
  readonly server: Chaos;
  readonly events: RunEvent[];
  readonly ports: ReturnType<typeof virtualPorts>;
  readonly line: ReturnType<typeof openLine>;
}

async function setting(faults: readonly Fault[], more: Partial<LineOptions> = {}): Promise<Setting> {
  const server = await chaos(...faults);
  const http = createHttp({ allowPrivateHosts: [server.host], headersTimeoutMs: 5000 });
  const events: RunEvent[] = [];
  const ports = virtualPorts();
  const line = openLine({
    definition: definition(),
    config: { base_url: server.url },
    credentials: { token: "s3cret-token" },
    http,
    ports,
    limits: {},
    attempts: 5,
    deadlineMs: 1_800_000,
    onEvent: (event) => events.push(event),
    ...more,
  });
  closers.push(
    () => line.close(),
    () => http.close(),
    () => server.close(),
  );
  return { server, events, ports, line };
}

/** Posts once and returns the answer's status and text. */
function* send(url: string): Exchange<string> {
  const response: HttpResponse = yield* post(`${url}/add`, { rows: [1] });
  return `${response.status} ${response.text}`;
}

function* read(url: string): Exchange<string> {
  const response: HttpResponse = yield* get(`${url}/list`);
  return `${response.status} ${response.text}`;
}

const short = (conversation: Conversation<unknown>): string => {
  switch (conversation.status) {
    case "answered":
      return `answered ${String(conversation.value)}`;
    case "unsent":
      return "unsent";
    case "throttled":
      return `throttled ${conversation.retryAfterMs ?? ""}`.trim();
    case "unknown":
      return "unknown";
    case "failed":
      return `failed ${conversation.code}${conversation.mayHaveApplied ? " in doubt" : ""}`;
  }
};

type Row = readonly [
  name: string,
  faults: readonly Fault[],
  write: string,
  once: string,
  read: string,
  requests: readonly [number, number, number],
];

const ok = answer(200, "done");
const status = (code: number, ...headers: string[]): Fault => answer(code, "no", headers);

describe("how a conversation ends: a write, a write with delivery once, a read", () => {
  const rows: readonly Row[] = [
    ["200", [ok], "answered 200 done", "answered 200 done", "answered 200 done", [1, 1, 1]],
    ["400", [status(400)], "answered 400 no", "answered 400 no", "answered 400 no", [1, 1, 1]],
    ["403", [status(403)], "answered 403 no", "answered 403 no", "answered 403 no", [1, 1, 1]],
    ["404", [status(404)], "answered 404 no", "answered 404 no", "answered 404 no", [1, 1, 1]],
    ["410", [status(410)], "answered 410 no", "answered 410 no", "answered 410 no", [1, 1, 1]],
    [
      "302",
      [status(302, "location: http://elsewhere.example/")],
      "answered 302 no",
      "answered 302 no",
      "answered 302 no",
      [1, 1, 1],
    ],
    ["401", [status(401)], "failed E812", "failed E812", "failed E812", [1, 1, 1]],
    ["500 for ever", [status(500)], "unknown", "unknown", "unsent", [5, 1, 5]],
    ["500, then 200", [status(500), ok], "answered 200 done", "unknown", "answered 200 done", [2, 1, 2]],
    [
      "502, then 400: the first may have been applied",
      [status(502), status(400)],
      "unknown",
      "unknown",
      "answered 400 no",
      [2, 1, 2],
    ],
    [
      "503 with Retry-After, then 200",
      [status(503, "retry-after: 2"), ok],
      "answered 200 done",
      "answered 200 done",
      "answered 200 done",
      [2, 2, 2],
    ],
    ["503 without, then 200", [status(503), ok], "answered 200 done", "unknown", "answered 200 done", [2, 1, 2]],
    ["408, then 200", [status(408), ok], "answered 200 done", "unknown", "answered 200 done", [2, 1, 2]],
    ["429, then 200", [status(429), ok], "answered 200 done", "answered 200 done", "answered 200 done", [2, 2, 2]],
    ["429 for ever", [status(429)], "throttled", "throttled", "throttled", [5, 5, 5]],
    [
      "429 till tomorrow",
      [status(429, "retry-after: 7200")],
      "throttled 7200000",
      "throttled 7200000",
      "throttled 7200000",
      [1, 1, 1],
    ],
    [
      "500, then 429 till tomorrow",
      [status(500), status(429, "retry-after: 7200")],
      "unknown",
      "unknown",
      "throttled 7200000",
      [2, 1, 2],
    ],
    ["applied, then silence", [hang, ok], "answered 200 done", "unknown", "answered 200 done", [2, 1, 2]],
    ["silence for ever", [hang], "unknown", "unknown", "unsent", [5, 1, 5]],
    ["a reset after the head", [resetAfterHead, ok], "answered 200 done", "unknown", "answered 200 done", [2, 1, 2]],
    [
      "a reset inside the answer",
      [raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", "reset"), ok],
      "answered 200 done",
      "unknown",
      "answered 200 done",
      [2, 1, 2],
    ],
    [
      "truncated gzip",
      [answer(200, Buffer.from([31, 139, 8, 0]), ["content-encoding: gzip"]), ok],
      "answered 200 done",
      "unknown",
      "answered 200 done",
      [2, 1, 2],
    ],
    [
      "too large, not asked for again",
      [answer(200, Buffer.alloc(11 << 20))],
      "unknown",
      "unknown",
      "unsent",
      [1, 1, 1],
    ],
  ];

  it.each(rows)("%s", async (_, faults, write, once, asRead, requests) => {
    const results: string[] = [];
    const counts: number[] = [];
    for (const [make, more] of [
      [send, {}],
      [send, { once: true }],
      [read, {}],
    ] as const) {
      const { line, server } = await setting(faults, faults.includes(hang) ? { requestTimeoutMs: 150 } : {});
      results.push(short(await line.converse(make(server.url), { once: false, ...more })));
      counts.push(line.stats.requests);
    }
    expect({ results, counts }).toEqual({ results: [write, once, asRead], counts: requests });
  });

  it("nobody listens: unsent, tried again also with delivery once", async () => {
    const { line, server } = await setting([ok]);
    await server.close();
    expect(short(await line.converse(send(server.url), { once: true }))).toBe("unsent");
    expect(line.stats.requests).toBe(5);
  });
});

describe("waiting", () => {
  it("waits what is asked and up to a fifth more, and no less", async () => {
    const { line, server, ports } = await setting([status(429, "retry-after: 7"), status(503, "retry-after: 2"), ok]);
    await line.converse(send(server.url), { once: false });
    expect(ports.clock.slept.map(Math.round)).toEqual([7700, 2200]);
  });

  it.each(["-1", "abc", "1e9x"])("backs off by itself when Retry-After is %s", async (asked) => {
    const { line, server, ports } = await setting([status(429, `retry-after: ${asked}`), ok]);
    expect(short(await line.converse(send(server.url), { once: false }))).toBe("answered 200 done");
    expect(ports.clock.slept).toEqual([250]);
  });

  it("keeps the deadline", async () => {
    const { line, server, ports } = await setting([status(500)], { attempts: 99, deadlineMs: 60_000 });
    await line.converse(read(server.url), { once: false });
    expect(ports.clock.monotonic()).toBeLessThanOrEqual(60_000);
  });

  it("rides out 30 s of errors through the breaker", async () => {
    const { line, server, ports } = await setting([ok], { attempts: 8 });
    const bad = status(500);
    server.faults = [(socket, request) => (ports.clock.monotonic() < 30_000 ? bad : ok)(socket, request)];
    const ends = await Promise.all(Array.from({ length: 4 }, () => line.converse(send(server.url), { once: false })));
    expect(ends.map(short)).toEqual(Array.from({ length: 4 }, () => "answered 200 done"));
  });

  it("gives up on a platform that stays down, in minutes and a few dozen requests", async () => {
    const { line, server, ports, events } = await setting([status(500)]);
    const ends: string[] = [];
    for (let n = 0; n < 40; n += 1) ends.push(short(await line.converse(read(server.url), { once: false })));
    expect(new Set(ends)).toEqual(new Set(["unsent"]));
    expect(line.stats.requests).toBeLessThan(60);
    expect(ports.clock.monotonic()).toBeLessThan(600_000);
    expect(events.map(({ event }) => event)).toContain("http.breaker_open");
  });

  it("gets 100 batches through a platform that fails every second time with few requests beyond need", async () => {
    const { line, server } = await setting([ok]);
    let turn = 0;
    server.faults = [(socket, request) => ((turn += 1) % 2 === 0 ? ok : status(502))(socket, request)];
    for (let n = 0; n < 100; n += 1)
      expect(short(await line.converse(send(server.url), { once: false }))).toBe("answered 200 done");
    expect(line.stats.requests).toBe(200);
  });
});

describe("conversations of several steps", () => {
  function* twoWrites(url: string): Exchange<string> {
    yield* post(`${url}/one`, {});
    return yield* send(url);
  }
  function* readThenWrite(url: string): Exchange<string> {
    yield* get(`${url}/one`);
    return yield* send(url);
  }

  it.each<[string, (url: string) => Exchange<string>, readonly Fault[], string]>([
    ["first write done, second throttled", twoWrites, [ok, status(429, "retry-after: 9999")], "unknown"],
    ["first write done, second refuses the credentials", twoWrites, [ok, status(401)], "failed E812 in doubt"],
    [
      "first write refused, second throttled",
      twoWrites,
      [status(400), status(429, "retry-after: 9999")],
      "throttled 9999000",
    ],
    ["read done, write throttled", readThenWrite, [ok, status(429, "retry-after: 9999")], "throttled 9999000"],
  ])("%s", async (_, make, faults, expected) => {
    const { line, server } = await setting(faults);
    expect(short(await line.converse(make(server.url), { once: false }))).toBe(expected);
  });

  it("gives each write an idempotency key of its own, the same on every try, and none to reads", async () => {
    const { line, server } = await setting([ok, status(500), ok]);
    await line.converse(twoWrites(server.url), { once: false, idempotencyKey: "b7" });
    await line.converse(read(server.url), { once: false, idempotencyKey: "b8" });
    expect(server.requests.map((request) => /idempotency-key: (.*)\r/.exec(request)?.[1])).toEqual([
      "b7",
      "b7-2",
      "b7-2",
      undefined,
    ]);
  });
});

describe("a destination's code", () => {
  const cases: readonly [string, (url: string) => Exchange<unknown>, string][] = [
    [
      "throws before it sends",
      // oxlint-disable-next-line require-yield -- it breaks before it comes to that
      function* () {
        throw new Error("bug s3cret-token");
      },
      "unsent",
    ],
    [
      "throws after a write",
      function* (url) {
        yield* send(url);
        throw new Error("bug");
      },
      "unknown",
    ],
    [
      "throws after a read",
      function* (url) {
        yield* read(url);
        throw new Error("bug");
      },
      "unsent",
    ],
    [
      "yields no effect",
      function* () {
        yield 7 as unknown as Effect;
      },
      "unsent",
    ],
    [
      "yields an unknown effect",
      function* () {
        yield { sql: "x" } as unknown as Effect;
      },
      "unsent",
    ],
    [
      "sends what JSON cannot say",
      function* (url) {
        yield* post(url, { big: 1n });
      },
      "unsent",
    ],
    [
      "waits for NaN",
      function* () {
        yield { wait: Number.NaN };
      },
      "unsent",
    ],
    [
      "writes files without a folder",
      function* () {
        yield { file: { write: "a", content: "b" } };
      },
      "unsent",
    ],
    [
      "calls a host it does not declare",
      function* () {
        yield* get("https://evil.example.com/");
      },
      "failed E816",
    ],
    [
      "calls another port",
      function* (url) {
        yield* get(url.replace(/\d+$/, "1"));
      },
      "failed E816",
    ],
    [
      "stops",
      function* (url) {
        yield* read(url);
        stop("target_gone", "the list is gone");
      },
      "failed E811",
    ],
    [
      "stops after a write",
      function* (url) {
        yield* send(url);
        stop("permission", "no");
      },
      "failed E813 in doubt",
    ],
  ];
  it.each(cases)("%s", async (_, make, expected) => {
    const { line, server, events } = await setting([ok]);
    expect(short(await line.converse(make(server.url), { once: false }))).toBe(expected);
    expect(events.some(({ event }) => event === "destination.bug")).toBe(!expected.startsWith("failed"));
    expect(JSON.stringify(events)).not.toContain("s3cret-token");
  });

  it("keeps people out of what a destination's code throws, and out of why it stops", async () => {
    const { line, events } = await setting([]);
    const throws = function* (): Exchange<string> {
      throw new Error("cannot read Ada of ada@example.com");
    };
    const stops = function* (): Exchange<string> {
      return stop("target_refused", "Ada is not welcome");
    };
    const words = (text: string): string => text.replaceAll("Ada", "<value>");
    const unnamed = await line.converse(throws(), { once: false });
    expect(unnamed).toMatchObject({ reason: expect.stringMatching(/failed: cannot read Ada of <email>$/) as string });
    const named = [
      await line.converse(throws(), { once: false, words }),
      await line.converse(stops(), { once: false, words }),
    ];
    expect(named).toMatchObject([{ status: "unsent" }, { status: "failed", message: "<value> is not welcome" }]);
    expect(JSON.stringify([named, events.slice(1)])).not.toContain("Ada");
  });

  it("hands checkpoints over and lets what they throw through", async () => {
    const { line } = await setting([ok]);
    const kept: unknown[] = [];
    const make = function* (): Exchange<string> {
      yield* checkpoint({ job: 7 });
      return "end";
    };
    const keep: ConverseOptions = { once: false, onCheckpoint: async (state) => void kept.push(state) };
    expect(await line.converse(make(), keep)).toEqual({ status: "answered", value: "end", repeated: false });
    expect(kept).toEqual([{ job: 7 }]);
    const broken: ConverseOptions = { once: false, onCheckpoint: () => Promise.reject(new Error("E504")) };
    await expect(line.converse(make(), broken)).rejects.toThrow("E504");
  });
});

describe("an interruption", () => {
  it.each<[string, (url: string) => Exchange<unknown>, string]>([
    ["before sending", send, "unsent"],
    [
      "while waiting",
      function* () {
        yield { wait: 1000 };
      },
      "unsent",
    ],
  ])("%s sends nothing", async (_, make, expected) => {
    const { line, server } = await setting([ok]);
    expect(short(await line.converse(make(server.url), { once: false, signal: AbortSignal.abort() }))).toBe(expected);
    expect(server.requests).toEqual([]);
  });

  it("while the answer is awaited leaves a write in doubt", async () => {
    const abort = new AbortController();
    const { line, server } = await setting([() => abort.abort()]);
    expect(short(await line.converse(send(server.url), { once: false, signal: abort.signal }))).toBe("unknown");
  });

  it("by the end of the lease sends nothing more", async () => {
    const { line, server } = await setting([status(500), ok]);
    let asked = 0;
    const options = { once: false, maySend: () => (asked += 1) < 2 };
    expect(short(await line.converse(send(server.url), options))).toBe("unknown");
    expect(server.requests.length).toBe(1);
  });
});

describe("credentials", () => {
  it("are renewed once for all who are refused at the same time", async () => {
    let renewals = 0;
    const renewCredentials = async (): Promise<Record<string, unknown>> => ({
      token: `fresh-token-${(renewals += 1)}`,
    });
    const { line, server } = await setting([ok], { renewCredentials });
    server.faults = [
      (socket, request) => (request.includes("Bearer fresh-token-1\r") ? ok : status(401))(socket, request),
    ];
    const ends = await Promise.all(Array.from({ length: 4 }, () => line.converse(send(server.url), { once: true })));
    expect({ ends: ends.map(short), renewals }).toEqual({
      ends: Array.from({ length: 4 }, () => "answered 200 done"),
      renewals: 1,
    });
  });

  it("never show, in any spelling, although the platform echoes them", async () => {
    const secret = 'k/ey+"quoted" ü&=';
    const auth: Destination["auth"] = {
      type: "custom",
      headers: (given) => ({
        authorization: `Basic ${Buffer.from(`user:${String(given["key"])}`).toString("base64")}`,
      }),
      query: (given) => ({ proof: `proof-of-${String(given["key"]).length}` }),
    };
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      Buffer.from(`user:${secret}`).toString("base64"),
      "proof-of-17",
    ];
    const echo = answer(400, forms.join(" | "));
    const { line, server, events } = await setting([status(500), echo], {
      definition: definition({ auth }),
      credentials: { key: secret },
    });
    const ends = [
      await line.converse(read(server.url), { once: false }),
      await line.converse(
        (function* (): Exchange<never> {
          yield* read(server.url);
          throw new Error(`no good: ${forms.join(" ")}`);
        })(),
        { once: false },
      ),
    ];
    expect(server.requests[0]).toContain("?proof=proof-of-17");
    const written = [
      JSON.stringify(events),
      JSON.stringify(ends),
      ...ends.map((end) =>
        "value" in end ? end.value : "message" in end ? end.message : "reason" in end ? end.reason : "",
      ),
    ].join("\n");
    for (const form of forms) expect(written, form).not.toContain(form);
    expect(written).toContain("*****");
  });

  it("sign each try with the time of that try", async () => {
    const sign: Destination["sign"] = (_, { id, body, timestamp }) => ({
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${body.length}.${timestamp}`,
    });
    const { line, server } = await setting([status(429, "retry-after: 600"), ok], { definition: definition({ sign }) });
    const exchange = (function* (): Exchange<number> {
      const body = '{"a":1}';
      const response = yield* post(`${server.url}/`, body, { headers: { ...line.sign?.({ id: "b1", body }) } });
      return response.status;
    })();
    expect(await line.converse(exchange, { once: false })).toEqual({ status: "answered", value: 200, repeated: false });
    const sent = server.requests.map((request) =>
      [/webhook-timestamp: (\d+)/.exec(request)?.[1], /webhook-signature: v1,7\.(\d+)/.exec(request)?.[1]].map(Number),
    );
    expect(sent.map(([stamp, signed]) => [stamp === signed, (stamp ?? 0) - (sent[0]?.[0] ?? 0)])).toEqual([
      [true, 0],
      [true, 660],
    ]);
  });
});

describe("files", () => {
  it("are written below the folder and nowhere else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "files-"));
    closers.push(() => rm(folder, { recursive: true }));
    const root = join(folder, "out");
    const { files } = nodePorts();
    await files.writeAtomic(join(root, "a.txt"), "");
    await symlink(folder, join(root, "link"));
    const { line } = await setting([ok], { fileRoot: root, ports: { ...virtualPorts(), files } });
    const attempt = async (file: (Effect & { file: unknown })["file"]): Promise<string> =>
      short(
        await line.converse(
          (function* (): Exchange<string> {
            return JSON.stringify(yield { file } as Effect);
          })(),
          { once: false },
        ),
      );
    expect(await attempt({ write: "run/1.jsonl", content: "one\n" })).toBe("answered undefined");
    expect(await attempt({ write: "run/1.jsonl", append: true, content: "two\n" })).toBe("answered undefined");
    expect(await attempt({ rename: "run", to: "done" })).toBe("answered undefined");
    expect(await attempt({ list: "done" })).toBe('answered ["1.jsonl"]');
    expect(await readFile(join(root, "done", "1.jsonl"), "utf8")).toBe("one\ntwo\n");
    for (const name of ["../x", "/etc/x", "a/../../x", "link/x", "link", "C:\\x", "x\0y", ""]) {
      expect(await attempt({ write: name, content: "x" }), name).toBe("failed E819");
      expect(await attempt({ rename: "done", to: name }), name).toBe("failed E819");
    }
    expect(await attempt({ parquet: "x.parquet", columns: [], rows: [] })).toBe("failed E819");
    expect(await readdir(folder)).toEqual(["out"]);
    expect(await readdir(root)).toEqual(["a.txt", "done", "link"]);
  });
});
