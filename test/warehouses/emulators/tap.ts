/**
 * Stands between a client and an emulator: how each statement was asked (marks, limit, dry run), what a dry run says it reads, and
 * how many bytes went either way.
 */
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
  /** As BigQuery's API has them; none elsewhere. */
  readonly parameters: readonly object[];
}

export interface Tap {
  readonly endpoint: string;
  /** What came since it was last asked for. */
  take(): readonly Asked[];
  /** Bytes of requests and answers, uncompressed, since they were last asked for. */
  bytes(): { readonly sent: number; readonly received: number };
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
  let counted = { sent: 0, received: 0 };
  const { hostname, port } = new URL(to);
  const server = createServer((incoming, answer) => {
    void (async () => {
      const body = await whole(incoming);
      const asked = askedBy(incoming, body);
      if (asked !== null) taken.push(asked);
      counted.sent += plain(incoming, body).length;
      // As plain text, so that it can be read.
      const { "accept-encoding": _, ...headers } = incoming.headers;
      const passed = isJob(incoming) ? spokenJob(body, spoken) : body;
      const { method, url } = incoming;
      const sized = passed === body ? headers : { ...headers, "content-length": passed.length };
      const forward = request({ hostname, port, path: url, method, headers: sized }, (given) => {
        void whole(given).then((text) => {
          counted.received += text.length;
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
    bytes() {
      const all = counted;
      counted = { sent: 0, received: 0 };
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

const plain = ({ headers }: IncomingMessage, body: Buffer): Buffer =>
  headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?")[0] ?? "";
const isJob = (incoming: IncomingMessage): boolean => incoming.method === "POST" && pathOf(incoming).endsWith("/jobs");

/** The statement that a request carries, if it does. */
export function askedBy(incoming: IncomingMessage, body: Buffer): Asked | null {
  if (!isJob(incoming) && !pathOf(incoming).endsWith("/query-request")) return null;
  const sent: any = JSON.parse(String(plain(incoming, body)));
  if (sent.sqlText !== undefined) {
    const marks = JSON.parse(sent.parameters?.QUERY_TAG ?? "{}");
    return { sql: sent.sqlText, look: sent.describeOnly === true, marks, maximum: null, parameters: [] };
  }
  const { query, dryRun, labels = {} } = sent.configuration;
  const { maximumBytesBilled: maximum, queryParameters: parameters = [] } = query;
  const limit = maximum === undefined ? null : Number(maximum);
  return { sql: query.query, look: dryRun === true, marks: labels, maximum: limit, parameters };
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
