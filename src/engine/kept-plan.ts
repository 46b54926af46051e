/** The rows of a sync's plan as one small file, to be kept elsewhere than on this disk: exactly as they stand at the desk. */
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { text } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";

/** A desk, and where a run's tables stand there. */
export interface Desk {
  readonly desk: Warehouse;
  readonly target: string;
}

/** Bytes of a piece; a third more as text. */
const pieceBytes = 750_000;

/** Every table of a sync (by internal id) in pieces of text; `file` is used on the way and gone afterwards. */
export async function* packed({ desk, target }: Desk, id: string, file: string): AsyncGenerator<string> {
  const { literal, quote } = desk.dialect;
  try {
    await desk.execute(`ATTACH ${literal(file)} AS kept`);
    try {
      for (const name of await tablesOf(desk, target, id))
        await desk.execute(`CREATE TABLE kept.main.${quote(name)} AS SELECT * FROM ${target}.${quote(name)}`);
      await desk.execute("CHECKPOINT kept");
    } finally {
      await desk.execute("DETACH kept");
    }
    for await (const piece of createReadStream(file)
      .pipe(createGzip({ level: 1 }))
      .pipe(inPieces()))
      yield (piece as Buffer).toString("base64");
  } finally {
    await rm(file, { force: true });
    await rm(`${file}.wal`, { force: true });
  }
}

/** Makes the tables again at a desk out of the pieces; false where there are none. */
export async function unpack({ desk, target }: Desk, pieces: AsyncGenerator<string>, file: string): Promise<boolean> {
  const { literal, quote } = desk.dialect;
  const first = await pieces.next();
  if (first.done === true) return false;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(first.value as string, "base64");
    for await (const piece of pieces) yield Buffer.from(piece, "base64");
  }
  try {
    await pipeline(bytes(), createGunzip(), createWriteStream(file, { mode: 0o600 }));
    await desk.execute(`ATTACH ${literal(file)} AS kept (READ_ONLY)`);
    try {
      for (const name of await tablesOf(desk, "kept.main", ""))
        await desk.execute(
          `CREATE OR REPLACE TABLE ${target}.${quote(name)} AS SELECT * FROM kept.main.${quote(name)}`,
        );
    } finally {
      await desk.execute("DETACH kept");
    }
    return true;
  } finally {
    await rm(file, { force: true });
  }
}

/** Names of a place's tables; of one sync where an id is given. */
async function tablesOf(desk: Warehouse, target: string, id: string): Promise<readonly string[]> {
  const [catalog = ""] = target.replaceAll('"', "").split(".");
  const { literal } = desk.dialect;
  const rows = await desk.rows(
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = ${literal(catalog)} AND schema_name = 'main' ORDER BY 1`,
  );
  return rows.map((row) => text(row, "name")).filter((name) => id === "" || name.endsWith(`__${id}`));
}

/** Pieces of one size, whatever arrives. */
function inPieces(): Transform {
  let waiting: Buffer[] = [];
  let size = 0;
  const cut = (stream: Transform, last: boolean): void => {
    if (size < pieceBytes && !last) return;
    const all = Buffer.concat(waiting);
    let from = 0;
    for (; all.length - from >= pieceBytes; from += pieceBytes) stream.push(all.subarray(from, from + pieceBytes));
    const rest = all.subarray(from);
    if (last && rest.length > 0) stream.push(rest);
    [waiting, size] = last ? [[], 0] : [[rest], rest.length];
  };
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      waiting.push(chunk);
      size += chunk.length;
      cut(this, false);
      done();
    },
    flush(done) {
      cut(this, true);
      done();
    },
  });
}
