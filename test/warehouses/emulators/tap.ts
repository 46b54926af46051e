/** Stands between a client and an emulator: how each statement was asked (marks, limit, dry run), and what a dry run says it reads. */
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Asked {
  readonly sql: string;
  /** Only its columns or its cost are asked. */
  readonly look: boolean;
  readonly marks: Readonly<Record<string, string>>;
  /** `maximumBytesBilled` of BigQuery. */
  readonly maximum: number | null;
}

export interface Tap {
  readonly endpoint: string;
  /** What came since it was last asked for. */
  take(): readonly Asked[];
  close(): Promise<void>;
}

/** Bytes and tables that BigQuery would tell of a statement; emulators say 0. */
export type Figures = (sql: string) => { readonly bytes: number; readonly tables: number };

export interface TapOptions {
  readonly figures?: Figures;
  /** A statement as the emulator takes it, where it knows less than its warehouse. */
  readonly spoken?: (sql: string) => string;
}

/** Starts it before the emulator at `to`. */
export async function tap(
  to: string,
  { figures = () => ({ bytes: 0, tables: 0 }), spoken = (sql) => sql }: TapOptions = {},
): Promise<Tap> {
  let taken: Asked[] = [];
  const { hostname, port } = new URL(to);
  const server = createServer((incoming, answer) => {
    void (async () => {
      const body = await whole(incoming);
      const asked = askedBy(incoming, body);
      if (asked !== null) taken.push(asked);
      // As plain text, so that it can be read.
      const { "accept-encoding": _, ...headers } = incoming.headers;
      const passed = isJob(incoming) ? spokenJob(body, spoken) : body;
      const { method, url } = incoming;
      const sized = passed === body ? headers : { ...headers, "content-length": passed.length };
      const forward = request({ hostname, port, path: url, method, headers: sized }, (given) => {
        void whole(given).then((text) => {
          const said = asked?.look === true && isJob(incoming) ? withFigures(text, figures(asked.sql)) : text;
          const { "content-length": __, "transfer-encoding": ___, ...kept } = given.headers;
          answer.writeHead(given.statusCode ?? 500, { ...kept, "content-length": said.length }).end(said);
        });
      });
      forward.on("error", () => answer.destroy());
      forward.end(passed);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const all = taken;
      taken = [];
      return all;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?")[0] ?? "";
const isJob = (incoming: IncomingMessage): boolean => incoming.method === "POST" && pathOf(incoming).endsWith("/jobs");

/** The statement that a request carries, if it does. */
export function askedBy(incoming: IncomingMessage, body: Buffer): Asked | null {
  if (!isJob(incoming) && !pathOf(incoming).endsWith("/query-request")) return null;
  const sent: any = JSON.parse(String(incoming.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
  if (sent.sqlText !== undefined) {
    const marks = JSON.parse(sent.parameters?.QUERY_TAG ?? "{}");
    return { sql: sent.sqlText, look: sent.describeOnly === true, marks, maximum: null };
  }
  const { query, dryRun, labels = {} } = sent.configuration;
  const { maximumBytesBilled: maximum } = query;
  const limit = maximum === undefined ? null : Number(maximum);
  return { sql: query.query, look: dryRun === true, marks: labels, maximum: limit };
}

function spokenJob(body: Buffer, spoken: (sql: string) => string): Buffer {
  const job: any = JSON.parse(String(body));
  const { query } = job.configuration.query;
  if (spoken(query) === query) return body;
  job.configuration.query.query = spoken(query);
  return Buffer.from(JSON.stringify(job), "utf8");
}

function withFigures(text: Buffer, { bytes, tables }: ReturnType<Figures>): Buffer {
  const answer: any = JSON.parse(String(text));
  if (answer.statistics === undefined) return text;
  const totalBytesProcessed = String(bytes);
  const referencedTables = Array.from({ length: tables }, (_, at) => ({ tableId: `t${at}` }));
  const query = { ...answer.statistics.query, totalBytesProcessed, referencedTables };
  return Buffer.from(
    JSON.stringify({ ...answer, statistics: { ...answer.statistics, totalBytesProcessed, query } }),
    "utf8",
  );
}
