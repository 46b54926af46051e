/** The other side of the socket, in the parent's process: it outlives every kill and knows what it was told. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { HookRow } from "./people.ts";

export interface Arrived {
  /** Webhook batch id; empty for the other platform. */
  readonly batch: string;
  readonly keys: readonly string[];
  /** Keys whose row was here already just as it came, and batches that came again. */
  readonly redundant: readonly string[];
}

/** Called around each request that writes, with its number since the last `begin`; true = the process was killed, do not go on. */
export type Gate = (moment: "before" | "after" | "answered", request: number) => boolean;

interface Delivery {
  readonly batch: string;
  readonly op: string;
  readonly changes: readonly (Partial<HookRow> & { readonly key: unknown })[];
}

interface Audience {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface Platform {
  readonly url: string;
  /** JSON of the key -> row. */
  readonly hook: ReadonlyMap<string, HookRow>;
  /** `EMAIL:<hash>` and the like. */
  readonly audience: ReadonlySet<string>;
  readonly audiences: readonly Audience[];
  /** Requests that wrote since `begin`. */
  readonly writes: number;
  readonly arrived: readonly Arrived[];
  /** A new run starts. `pause` milliseconds pass before each answer. */
  begin(gate: Gate | null, pause: () => number): void;
  close(): Promise<void>;
}

export async function startPlatform(): Promise<Platform> {
  const hook = new Map<string, HookRow>();
  const batches = new Set<string>();
  const audience = new Set<string>();
  const audiences: Audience[] = [];
  let writes = 0;
  let arrived: Arrived[] = [];
  let gate: Gate | null = null;
  let pause = (): number => 0;

  const server = createServer((request, response) => {
    void body(request).then(async (text) => {
      const asked = gate;
      const path = request.url ?? "";
      const isWrite = path === "/hook" || path.includes("/users");
      const number = isWrite ? (writes += 1) : 0;
      if (isWrite && asked?.("before", number) === true) return request.socket.destroy();
      const answer = path === "/hook" ? deliver(text) : meta(request.method ?? "GET", path, text);
      if (isWrite && asked?.("after", number) === true) return request.socket.destroy();
      const wait = pause();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      if (isWrite) asked?.("answered", number);
    });
  });

  function deliver(text: string): object {
    const { batch, op, changes } = JSON.parse(text) as Delivery;
    const again = batches.has(batch);
    batches.add(batch);
    const redundant: string[] = [];
    for (const { key, identifiers = {}, fields = {} } of changes) {
      const name = JSON.stringify(key);
      const row = { identifiers, fields };
      const same = op === "remove" ? !hook.has(name) : JSON.stringify(hook.get(name)) === JSON.stringify(row);
      if (again || same) redundant.push(name);
      if (again) continue;
      if (op === "remove") hook.delete(name);
      else hook.set(name, row);
    }
    arrived.push({ batch, keys: changes.map(({ key }) => JSON.stringify(key)), redundant });
    return {};
  }

  /** Custom audiences: list, make, fill. */
  function meta(method: string, path: string, text: string): object {
    if (!path.includes("/users")) {
      if (method === "GET") return { data: audiences };
      const { name, description } = JSON.parse(text) as Audience;
      audiences.push({ id: `90${audiences.length}`, name, description });
      return { id: audiences.at(-1)?.id };
    }
    const { payload } = JSON.parse(text) as { payload: { schema: string[]; data: string[][] } };
    for (const row of payload.data) {
      for (const [index, kind] of payload.schema.entries()) {
        const value = row[index] ?? "";
        if (value === "") continue;
        if (method === "DELETE") audience.delete(`${kind}:${value}`);
        else audience.add(`${kind}:${value}`);
      }
    }
    return { audience_id: "900", num_received: payload.data.length, num_invalid_entries: 0 };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hook,
    audience,
    audiences,
    get writes() {
      return writes;
    },
    get arrived() {
      return arrived;
    },
    begin(newGate, newPause) {
      [writes, arrived, gate, pause] = [0, [], newGate, newPause];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
