/** Stands between a client and an emulator: what was asked in which words, and how many bytes of answers came back. */
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** One request that names a statement. `look`: it is not run, its columns or cost are asked (dry run, describe only). */
export interface Asked {
  readonly sql: string;
  readonly look: boolean;
}

export interface Recorder {
  readonly endpoint: string;
  /** What came since it was last asked for. */
  take(): { readonly asked: readonly Asked[]; readonly bytes: number };
  close(): Promise<void>;
}

/** Starts it before the emulator at `to`. */
export async function record(to: string): Promise<Recorder> {
  let asked: Asked[] = [];
  let bytes = 0;
  const { hostname, port } = new URL(to);
  const server = createServer((incoming, answer) => {
    void (async () => {
      const body = await whole(incoming);
      const one = askedBy(incoming, body);
      if (one !== null) asked.push(one);
      // As plain text, so that bytes are those of the rows.
      const { "accept-encoding": _, ...headers } = incoming.headers;
      const { method, url: path } = incoming;
      const forward = request({ hostname, port, path, method, headers }, (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers);
        given.on("data", (chunk: Buffer) => void (bytes += chunk.length));
        given.pipe(answer);
      });
      forward.on("error", () => answer.destroy());
      forward.end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = { asked, bytes };
      [asked, bytes] = [[], 0];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function whole(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** BigQuery: a job. Snowflake: a query request. Pages of results, logins and heartbeats name no statement. */
function askedBy({ url = "", method, headers }: IncomingMessage, body: Buffer): Asked | null {
  if (method !== "POST" || body.length === 0) return null;
  const [path = ""] = url.split("?");
  if (!path.endsWith("/jobs") && !path.endsWith("/query-request")) return null;
  const sent: any = JSON.parse(String(headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
  if (sent.sqlText !== undefined) return { sql: sent.sqlText, look: sent.describeOnly === true };
  const { query, dryRun } = sent.configuration ?? {};
  return query === undefined ? null : { sql: query.query, look: dryRun === true };
}
