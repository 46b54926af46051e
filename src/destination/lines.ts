import type { Json } from "../core.ts";
import type { Batch, Change } from "./index.ts";

/** What travels of one change to destinations that take rows as they are; no fields on remove. */
export interface Row {
  readonly key: Json;
  readonly identifiers: Readonly<Record<string, Json>>;
  readonly fields?: Readonly<Record<string, Json>>;
}

function rowOf({ op, key, identifiers, fields }: Change): Row {
  return op === "remove" ? { key, identifiers } : { key, identifiers, fields };
}

/** One change as a JSON line, as the SQL of pass-through objects builds it. */
export const lineOf = (change: Change): string => JSON.stringify(rowOf(change));

/** A JSON text per change: the ones built in SQL where the engine has them. */
export function linesOf(batch: Batch): readonly string[] {
  return batch.lines ?? batch.changes.map(lineOf);
}

/** The batch as NDJSON, a newline after each line: the bytes that the engine has made already, where it has. */
export function ndjsonOf(batch: Batch): string | Uint8Array {
  return batch.ndjson ?? `${linesOf(batch).join("\n")}\n`;
}

/** The rows of a batch as values, wherever they were built. */
export function rowsOf(batch: Batch): readonly Row[] {
  return batch.lines === undefined ? batch.changes.map(rowOf) : batch.lines.map((line) => JSON.parse(line) as Row);
}
