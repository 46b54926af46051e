import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** One row as a receiver of millrace's webhook keeps it. */
export interface Held {
  readonly key: unknown;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface WebhookReceiver {
  readonly port: number;
  /** sync -> key as JSON -> row. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, Held>>;
  /** Requests per sync since the last look. */
  takeRequests(): Readonly<Record<string, number>>;
  /** Rows of a sync by ascending numeric key. */
  members(sync: string): readonly Held[];
  /** What the receiver could not make sense of: must stay empty. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

interface Delivery {
  readonly sync: string;
  readonly batch: string;
  readonly op: string;
  readonly changes: readonly Partial<Held>[];
}

/** A platform of its own: a real server on a free port of loopback that speaks the webhook's wire format. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const held = new Map<string, Map<string, Held>>();
  const seen = new Set<string>();
  const complaints: string[] = [];
  let requests: Record<string, number> = {};

  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => {
        const delivery = parse(request, body);
        requests[delivery.sync] = (requests[delivery.sync] ?? 0) + 1;
        // A batch id is an idempotency key: a batch that comes again has been applied.
        if (!seen.has(delivery.batch)) apply(delivery);
        seen.add(delivery.batch);
        response.writeHead(204).end();
      })
      .catch((error: unknown) => {
        complaints.push(String(error));
        response.writeHead(400).end(String(error));
      });
  });

  function apply({ sync, op, changes }: Delivery): void {
    const rows = held.get(sync) ?? new Map<string, Held>();
    held.set(sync, rows);
    for (const change of changes) {
      const name = JSON.stringify(change.key);
      if (op === "remove") {
        if (!rows.delete(name)) complaints.push(`${sync}: remove of ${name}, which is not here`);
      } else if (op === "add" || op === "update") {
        if (op === "add" && rows.has(name)) complaints.push(`${sync}: add of ${name}, which is here`);
        if (op === "update" && !rows.has(name)) complaints.push(`${sync}: update of ${name}, which is not here`);
        rows.set(name, { key: change.key, identifiers: change.identifiers ?? {}, fields: change.fields ?? {} });
      } else {
        complaints.push(`${sync}: unknown op ${op}`);
      }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    held,
    complaints,
    takeRequests() {
      const taken = requests;
      requests = {};
      return taken;
    },
    members: (sync) => [...(held.get(sync)?.values() ?? [])].toSorted((a, b) => Number(a.key) - Number(b.key)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** JSON carries all of a batch in the body; NDJSON one change a line and the rest in headers. */
function parse(request: IncomingMessage, body: string): Delivery {
  if (!String(request.headers["content-type"]).includes("ndjson")) return JSON.parse(body) as Delivery;
  const header = (name: string) => {
    const value = request.headers[name];
    if (typeof value !== "string") throw new Error(`header ${name} is missing`);
    return value;
  };
  const lines = body.split("\n").filter((line) => line !== "");
  return {
    sync: header("millrace-sync"),
    batch: header("millrace-batch"),
    op: header("millrace-op"),
    changes: lines.map((line) => JSON.parse(line) as Partial<Held>),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let body = "";
  for await (const text of request) body += text;
  return body;
}
