import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createHttp, type HttpOptions } from "../../src/engine/http.ts";
import { HttpFault, type HttpCall } from "../../src/ports.ts";
import {
  answer,
  chaos,
  closeSilently,
  hang,
  raw,
  resetAfterHead,
  resetOnConnect,
  trickle,
  type Chaos,
  type Fault,
} from "../faults/chaos.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(...faults: Fault[]): Promise<Chaos> {
  const server = await chaos(...faults);
  closers.push(() => server.close());
  return server;
}

function client(options: Partial<HttpOptions> = {}): ReturnType<typeof createHttp> {
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], headersTimeoutMs: 300, bodyIdleMs: 300, ...options });
  closers.push(() => http.close());
  return http;
}

const call = (url: string, more: Partial<HttpCall> = {}): HttpCall => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json" },
  body: "{}",
  ...more,
});

async function fate(
  http: ReturnType<typeof createHttp>,
  one: HttpCall,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<string> {
  try {
    const { status, body } = await http.send(one, { timeoutMs: 5000, ...options });
    return `${status} ${Buffer.from(body).toString().slice(0, 40)}`;
  } catch (error) {
    return error instanceof HttpFault ? `${error.code} ${error.arrived ? "arrived" : "not arrived"}` : String(error);
  }
}

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n";

describe("the fate of a request", () => {
  it.each<[string, Fault, string]>([
    ["an answer", answer(200, '{"a":1}'), '200 {"a":1}'],
    ["a reset after the head", resetAfterHead, "connection arrived"],
    ["a close without an answer", closeSilently, "connection arrived"],
    ["a reset inside the answer", raw(`${ok}half`, "reset"), "connection arrived"],
    ["a close inside the answer", raw(`${ok}half`, "end"), "connection arrived"],
    ["no answer", hang, "headers_timeout arrived"],
    ["an answer that stops", raw(`${ok}half`, "hang"), "body_timeout arrived"],
    ["headers that never end", trickle("HTTP/1.1 200 OK\r\nx: ", 40), "headers_timeout arrived"],
    ["no http at all", raw("SSH-2.0-OpenSSH\r\n"), "connection arrived"],
    ["a redirect elsewhere, not followed", answer(302, "", ["location: http://127.0.0.1:1/"]), "302 "],
    ["gzip", answer(200, gzipSync("packed"), ["content-encoding: gzip"]), "200 packed"],
    ["brotli", answer(200, brotliCompressSync("packed"), ["content-encoding: br"]), "200 packed"],
    ["deflate", answer(200, deflateSync("packed"), ["content-encoding: deflate"]), "200 packed"],
    [
      "truncated gzip",
      answer(200, gzipSync("packed".repeat(99)).subarray(0, 20), ["content-encoding: gzip"]),
      "bad_encoding arrived",
    ],
    ["noise as gzip", answer(200, "noise", ["content-encoding: gzip"]), "bad_encoding arrived"],
    ["an unknown packing", answer(200, "noise", ["content-encoding: zstd"]), "bad_encoding arrived"],
    ["a gzip bomb", answer(200, gzipSync(Buffer.alloc(12 << 20)), ["content-encoding: gzip"]), "too_large arrived"],
    ["a long answer", answer(200, Buffer.alloc(11 << 20)), "too_large arrived"],
    [
      "a long answer without a length",
      raw(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), Buffer.alloc(11 << 20)])),
      "too_large arrived",
    ],
  ])("%s", async (_, fault, expected) => {
    const server = await serve(fault);
    expect(await fate(client(), call(server.url))).toBe(expected);
  });

  it("a byte now and then is cut by the limit of the whole", async () => {
    const server = await serve(trickle("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", 30));
    expect(await fate(client(), call(server.url), { timeoutMs: 400 })).toBe("timeout arrived");
  });

  it("a reset on connect is seen before or after the first byte left", async () => {
    const server = await serve(resetOnConnect);
    expect(await fate(client(), call(server.url))).toMatch(/^connection (not )?arrived$/);
    expect(server.requests).toEqual([]);
  });

  it("nobody listening, an unknown name, an interruption before sending: did not arrive", async () => {
    const server = await chaos(hang);
    await server.close();
    expect(await fate(client(), call(server.url))).toBe("connection not arrived");
    const unknown = client({ resolve: (_, done) => done(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []) });
    expect(await fate(unknown, call("https://nowhere.example"))).toBe("dns not arrived");
    expect(await fate(client(), call(server.url), { signal: AbortSignal.abort() })).toBe("aborted not arrived");
  });

  it("an interruption while waiting may have arrived", async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());
    expect(await fate(client(), call(server.url), { signal: stop.signal })).toBe("aborted arrived");
  });

  it("uses a connection again and sends method, headers and bytes as given", async () => {
    const server = await serve(answer(200, "1"));
    const http = client();
    await fate(
      http,
      call(`${server.url}/a?b=1`, { method: "PUT", body: Buffer.from([1, 2]), headers: { "x-one": "1" } }),
    );
    expect(server.requests[0]).toMatch(/^PUT \/a\?b=1 HTTP\/1\.1\r\n[^]*x-one: 1\r\n[^]*content-length: 2\r\n/);
  });
});

describe("refused before anything is sent", () => {
  it.each([
    ["http://example.com", "insecure"],
    ["http://127.0.0.1", "insecure"],
    ["ftp://example.com/x", "invalid_request"],
    ["file:///etc/passwd", "invalid_request"],
    ["gopher://127.0.0.1", "invalid_request"],
    ["not a url", "invalid_request"],
    ["https://user:word@example.com", "invalid_request"],
    ["https://127.0.0.1", "private_address"],
    ["https://127.1", "private_address"],
    ["https://2130706433", "private_address"],
    ["https://0x7f000001", "private_address"],
    ["https://0177.0.0.1", "private_address"],
    ["https://0", "private_address"],
    ["https://[::1]", "private_address"],
    ["https://[::ffff:127.0.0.1]", "private_address"],
    ["https://[fd00:ec2::254]", "private_address"],
    ["https://169.254.169.254/latest/meta-data", "private_address"],
    ["https://10.0.0.1", "private_address"],
    ["https://localhost", "private_address"],
    ["https://localhost.", "private_address"],
  ])("%s", async (url, code) => {
    const resolve: HttpOptions["resolve"] = (_host, done) => done(null, [{ address: "127.0.0.1", family: 4 }]);
    expect(await fate(client({ allowPrivateHosts: [], resolve }), call(url))).toBe(`${code} not arrived`);
  });

  it("a header with a line break", async () => {
    const server = await serve(answer(200));
    expect(await fate(client(), call(server.url, { headers: { "x-one": "a\r\nx-two: b" } }))).toBe(
      "invalid_request not arrived",
    );
    expect(server.requests).toEqual([]);
  });

  it("metadata, although its host is allowed", async () => {
    const http = client({
      allowPrivateHosts: ["169.254.169.254", "meta.example"],
      resolve: (_, done) => done(null, [{ address: "169.254.169.254", family: 4 }]),
    });
    expect(await fate(http, call("http://169.254.169.254/"))).toBe("private_address not arrived");
    expect(await fate(http, call("http://meta.example/"))).toBe("private_address not arrived");
  });

  it("a name that answers public first and private then (DNS rebinding)", async () => {
    const server = await serve(answer(200));
    const asked: string[] = [];
    const http = client({
      allowPrivateHosts: [],
      connectTimeoutMs: 50,
      resolve: (host, done) => {
        asked.push(host);
        done(null, [{ address: asked.length === 1 ? "240.0.0.1" : "127.0.0.1", family: 4 }]);
      },
    });
    for (let n = 0; n < 3; n += 1)
      expect(await fate(http, call(`https://rebind.example:${new URL(server.url).port}`))).toBe(
        "private_address not arrived",
      );
    expect(asked).toEqual(["rebind.example", "rebind.example", "rebind.example"]);
    expect(server.requests).toEqual([]);
  });

  it("of several addresses only those that are allowed are tried", async () => {
    const server = await serve(answer(200, "right"));
    const { port } = new URL(server.url);
    const mixed = client({
      allowPrivateHosts: ["mixed.example"],
      resolve: (_, done) =>
        done(null, [
          { address: "169.254.169.254", family: 4 },
          { address: "127.0.0.1", family: 4 },
        ]),
    });
    expect(await fate(mixed, call(`http://mixed.example:${port}`))).toBe("200 right");
  });
});
