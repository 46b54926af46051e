import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface FakeRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Parsed JSON, undefined when it is none. */
  // oxlint-disable-next-line no-explicit-any -- bodies of requests under test
  readonly body: any;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What goes wrong with the next requests that match. `status` answers instead of applying; `applied` applies first, and then
 * hangs, resets the socket, or answers with something broken.
 */
export type Fault = {
  readonly times?: number;
  /** Substring of `METHOD /path`; absent = any request. */
  readonly on?: string;
  /** Substrings of the body, one of which must be there; absent = any body. */
  readonly containing?: readonly string[];
} & (
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly applied: "hang" | "reset" | "broken" }
  | { readonly before: "hang" | "reset" }
);

export interface Fake<State> {
  readonly url: string;
  readonly state: State;
  readonly requests: readonly FakeRequest[];
  /** Queues a fault for the next matching request, or the next `times` of them. */
  fail(fault: Fault): void;
  /** Drops the faults that are still queued. */
  heal(): void;
  close(): Promise<void>;
}

interface Pending {
  readonly fault: Fault;
  left: number;
}

/** A fake platform on a loopback socket: `answer` is its whole behaviour, faults are laid over it. */
export async function startFake<State>(
  state: State,
  answer: (request: FakeRequest, url: string) => FakeAnswer,
): Promise<Fake<State>> {
  const requests: FakeRequest[] = [];
  const faults: Pending[] = [];
  const sockets = new Set<Socket>();

  const nextFault = ({ method, path, text }: FakeRequest): Fault | undefined => {
    const found = faults.find(
      ({ fault: { on = "", containing }, left }) =>
        left > 0 && `${method} ${path}`.includes(on) && (containing?.some((part) => text.includes(part)) ?? true),
    );
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  };

  const server = createServer((incoming, response) => {
    void read(incoming).then((request) => {
      requests.push(request);
      const fault = nextFault(request);
      if (fault === undefined) return send(response, answer(request, url));
      if ("status" in fault) return send(response, { body: {}, ...fault });
      if ("applied" in fault) answer(request, url);
      const way = "applied" in fault ? fault.applied : fault.before;
      if (way === "reset") incoming.socket.resetAndDestroy();
      if (way === "broken") response.writeHead(200, { "content-type": "application/json" }).end('{"results": [');
    });
  });
  server.on("connection", (socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    state,
    requests,
    heal: () => void faults.splice(0),
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  // A text under a content type of its own (XML, plain text) travels as it stands.
  const text = typeof body === "string" && headers?.["content-type"] !== undefined;
  response.end(body === undefined ? undefined : text ? body : JSON.stringify(body));
}
