import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createHttp } from "../../src/engine/http.ts";
import { proxyFor } from "../../src/engine/proxy.ts";
import { HttpFault } from "../../src/ports.ts";

describe("proxyFor", () => {
  it.each<[string, Record<string, string>, string | null]>([
    ["https://api.example.com", {}, null],
    ["https://api.example.com", { HTTPS_PROXY: "http://proxy:3128" }, "http://proxy:3128/"],
    ["https://api.example.com", { https_proxy: "proxy:3128" }, "http://proxy:3128/"],
    ["http://api.example.com", { HTTPS_PROXY: "http://proxy:3128" }, null],
    ["https://api.example.com", { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "*" }, null],
    ["https://api.example.com", { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "other.org, .example.com" }, null],
    ["https://api.example.com", { HTTPS_PROXY: "http://proxy:3128", no_proxy: "example.com:443" }, null],
    [
      "https://api.example.com",
      { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "example.com:8443,ample.com" },
      "http://proxy:3128/",
    ],
  ])("%s with %j is %s", (url, env, expected) => expect(proxyFor(new URL(url), env)?.href ?? null).toBe(expected));
});

describe("requests through a proxy", () => {
  it("ask the proxy for the name; a refusal proves that nothing arrived; private targets are refused before", async () => {
    const heads: string[] = [];
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (chunk) => {
        heads.push(String(chunk).split("\r\n")[0] ?? "");
        socket.end("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const http = createHttp({
      allowPrivateHosts: [],
      env: { HTTPS_PROXY: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    });
    const send = async (url: string): Promise<unknown> =>
      await http
        .send({ method: "POST", url, headers: {}, body: "x" }, { timeoutMs: 5000 })
        .catch((error: HttpFault) => `${error.code} ${error.arrived}`);
    expect(await send("https://api.example.com/x")).toBe("connection false");
    expect(await send("https://10.0.0.1/x")).toBe("private_address false");
    expect(heads).toEqual(["CONNECT api.example.com:443 HTTP/1.1"]);
    await http.close();
    server.close();
  });
});
