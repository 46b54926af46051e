import type { Readable } from "node:stream";
import { columnValues, type Vector } from "./bigquery-arrow.ts";
import { type ClientOptions, signedIn } from "./bigquery-client.ts";
import { bigqueryError } from "./bigquery-error.ts";
import type { Field } from "./bigquery-types.ts";
import { loadPackage } from "./load-package.ts";
import type { ColumnBatch } from "./warehouse.ts";

export const storagePackage = "@google-cloud/bigquery-storage";

interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

export interface StorageReader {
  /** All rows of a table in the order it stores them, in columns; null where this account or server does not give them so. */
  open(table: TableReference, fields: readonly Field[], bytes: boolean): Promise<AsyncGenerator<ColumnBatch> | null>;
  close(): Promise<void>;
}

export interface StorageOptions extends ClientOptions {
  /** An emulator's, unencrypted. */
  readonly storageEndpoint?: { readonly host: string; readonly port: number };
}

interface Session {
  readonly arrowSchema: { readonly serializedSchema: Uint8Array };
  readonly streams: readonly { readonly name: string }[];
}
interface Client {
  createReadSession(request: object): Promise<readonly [Session]>;
  readRows(request: object): Readable;
  close(): Promise<void>;
}
interface Storage {
  readonly v1: { readonly BigQueryReadClient: new (options: object) => Client };
}
interface Arrow {
  readonly RecordBatchReader: {
    from(buffer: Uint8Array): Iterable<{ readonly numRows: number; getChildAt(index: number): Vector | null }>;
  };
}
interface Gax {
  readonly grpc: { readonly credentials: { createInsecure(): object } };
}

/** Tries of a stream that breaks, each from the row it had come to. */
const tries = 5;
/** ABORTED, INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED: passing. https://cloud.google.com/bigquery/docs/reference/storage/libraries */
const passing = new Set<unknown>([4, 10, 13, 14]);

/** NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED: no role for read sessions, or no such service. */
const refused = new Set<unknown>([5, 7, 12]);

/** The Storage Read API; its package is loaded with the first read. */
export function storageReader(options: StorageOptions): StorageReader {
  let client: Promise<Client> | null = null;
  return {
    async open(table, fields, bytes) {
      client ??= openStorage(options);
      const { RecordBatchReader } = loadPackage<Arrow>(storagePackage, options.projectFolder, "apache-arrow");
      const messages = messagesOf(await client, table, options.projectId);
      // What is refused is refused with the first rows at the latest.
      const first = await messages.next().catch((error: unknown) => {
        if (refused.has(statusOf(error))) return null;
        throw bigqueryError(error);
      });
      return first === null ? null : batches(RecordBatchReader, first, messages, fields, bytes);
    },
    async close() {
      await (await client)?.close();
    },
  };
}

const statusOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

async function* batches(
  reader: Arrow["RecordBatchReader"],
  first: IteratorResult<Uint8Array>,
  messages: AsyncGenerator<Uint8Array>,
  fields: readonly Field[],
  bytes: boolean,
): AsyncGenerator<ColumnBatch> {
  try {
    for (let message = first; message.done !== true; message = await messages.next()) {
      for (const batch of reader.from(message.value)) {
        // Of a message without rows Arrow makes columns without parts.
        if (batch.numRows === 0) continue;
        const columns = fields.map((field, index) => columnValues(batch.getChildAt(index), field, bytes));
        yield { rows: batch.numRows, columns };
      }
    }
  } catch (error) {
    throw bigqueryError(error);
  } finally {
    await messages.return(undefined);
  }
}

async function openStorage(options: StorageOptions): Promise<Client> {
  const { v1 } = loadPackage<Storage>(storagePackage, options.projectFolder);
  const { storageEndpoint } = options;
  const elsewhere = (): object => ({
    apiEndpoint: storageEndpoint?.host,
    port: storageEndpoint?.port,
    sslCreds: loadPackage<Gax>(storagePackage, options.projectFolder, "google-gax").grpc.credentials.createInsecure(),
  });
  return new v1.BigQueryReadClient({
    projectId: options.projectId,
    ...(await signedIn(options)),
    ...(storageEndpoint === undefined ? {} : elsewhere()),
  });
}

/** Messages of Arrow, each with its schema; a stream that breaks is taken up from the row it had come to. */
async function* messagesOf(
  client: Client,
  { projectId, datasetId, tableId }: TableReference,
  parent: string,
): AsyncGenerator<Uint8Array> {
  const table = `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`;
  const [session] = await client.createReadSession({
    parent: `projects/${parent}`,
    readSession: { table, dataFormat: "ARROW" },
    // One stream, because several give no order.
    maxStreamCount: 1,
  });
  const readStream = session.streams[0]?.name;
  let [offset, failures] = [0, 0];
  // An empty table has no stream.
  if (readStream === undefined) return;
  while (true) {
    const stream = client.readRows({ readStream, offset });
    try {
      for await (const { rowCount, arrowRecordBatch } of stream) {
        yield Buffer.concat([session.arrowSchema.serializedSchema, arrowRecordBatch.serializedRecordBatch]);
        offset += Number(rowCount);
        failures = 0;
      }
      return;
    } catch (error) {
      failures += 1;
      if (failures === tries || !passing.has(statusOf(error))) throw error;
    } finally {
      stream.destroy();
    }
  }
}
