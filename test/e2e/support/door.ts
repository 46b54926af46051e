import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** One batch as it came in. */
export interface Knock {
  readonly batch: string;
  readonly op: string;
  readonly keys: readonly number[];
}

/**
 * What a door does with a request: `applied` counts how many of its changes take effect (default all); then an answer, a reset
 * of the socket, or, with `until`, nothing before that promise ends.
 */
export interface Reaction {
  readonly applied?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly reset?: boolean;
  readonly until?: Promise<unknown>;
}

export interface Door {
  readonly port: number;
  /** Keys inside, ascending. */
  readonly members: readonly number[];
  /** Rows by key. */
  readonly rows: ReadonlyMap<number, unknown>;
  readonly knocks: readonly Knock[];
  /** Headers and bodies, all of them, as text. */
  readonly heard: readonly string[];
  /** From now on; `number` counts from 1 anew. */
  react(reaction: (knock: Knock, number: number) => Reaction): void;
  /** Resolves when the request of that number (since `react`) is in and applied. */
  knocked(number: number): Promise<void>;
  forget(): void;
  close(): Promise<void>;
}

interface Delivery {
  readonly batch: string;
  readonly op: string;
  readonly changes: readonly { readonly key: number }[];
}

/** A receiver of millrace's webhook on loopback that misbehaves as it is told; a batch id it knows is done already. */
export async function openDoor(): Promise<Door> {
  const rows = new Map<number, unknown>();
  const done = new Set<string>();
  const knocks: Knock[] = [];
  const heard: string[] = [];
  const waiting: { readonly number: number; readonly resolve: () => void }[] = [];
  let reaction: (knock: Knock, number: number) => Reaction = () => ({});
  let number = 0;

  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      heard.push(JSON.stringify(request.headers), body);
      const { batch, op, changes } = JSON.parse(body) as Delivery;
      const knock = { batch, op, keys: changes.map(({ key }) => key) };
      knocks.push(knock);
      number += 1;
      const { applied, status = 200, headers = {}, body: answer = {}, reset = false, until } = reaction(knock, number);
      const count = applied ?? (status < 300 ? changes.length : 0);
      if (!done.has(batch)) for (const change of changes.slice(0, count)) apply(op, change);
      if (count === changes.length) done.add(batch);
      for (const one of waiting.filter((each) => each.number === number)) one.resolve();
      await until;
      if (reset) return request.socket.resetAndDestroy();
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer));
    });
  });
  function apply(op: string, change: { readonly key: number }): void {
    if (op === "remove") rows.delete(change.key);
    else rows.set(change.key, change);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    rows,
    knocks,
    heard,
    get members() {
      return [...rows.keys()].toSorted((a, b) => a - b);
    },
    react(next) {
      [reaction, number] = [next, 0];
    },
    knocked: (wanted) => new Promise((resolve) => waiting.push({ number: wanted, resolve })),
    forget: () => void knocks.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
