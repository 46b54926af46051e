import { crc32 } from "node:zlib";
import type { Json } from "../core.ts";

/** What a journal belongs to; it is never replayed into another plan (R22). */
export interface JournalHeader {
  readonly plan: string;
  readonly sync: string;
  readonly fence: number;
  readonly serial: number;
  /** Version of the layout; newer ones are refused. */
  readonly format: 1;
}

/** One record as a line: bytes of the JSON, its CRC-32 as eight hex digits, the JSON. */
export function encodeRecord(record: unknown): string {
  const json = JSON.stringify(record);
  return `${Buffer.byteLength(json)} ${hex(crc32(json))} ${json}\n`;
}

/** Records up to the first line that does not check out; `end` is where that one starts. */
export interface Scan {
  readonly records: readonly Json[];
  readonly end: number;
  /** Sound records stand behind the broken line: not a torn tail but damage. */
  readonly damaged: boolean;
}

export function scanRecords(content: Buffer): Scan {
  const records: Json[] = [];
  let end = 0;
  while (end < content.length) {
    const record = recordAt(content, end);
    if (!record) return { records, end, damaged: soundRecordBehind(content, end) };
    records.push(record.value);
    end = record.end;
  }
  return { records, end, damaged: false };
}

function soundRecordBehind(content: Buffer, from: number): boolean {
  for (let at = content.indexOf(LF, from); at !== -1; at = content.indexOf(LF, at + 1)) {
    if (recordAt(content, at + 1)) return true;
  }
  return false;
}

/** `<length> <crc> ` is at most 10 + 1 + 8 + 1 bytes. */
const longestPrefix = 20;

function recordAt(content: Buffer, start: number): { readonly value: Json; readonly end: number } | null {
  const prefix = /^(0|[1-9]\d{0,9}) ([0-9a-f]{8}) /.exec(content.toString("latin1", start, start + longestPrefix));
  if (!prefix?.[1]) return null;
  const from = start + prefix[0].length;
  const to = from + Number(prefix[1]);
  if (to >= content.length || content[to] !== LF) return null;
  const json = content.subarray(from, to);
  if (hex(crc32(json)) !== prefix[2]) return null;
  try {
    return { value: JSON.parse(json.toString()) as Json, end: to + 1 };
  } catch {
    return null;
  }
}

const LF = 10;
const hex = (sum: number): string => sum.toString(16).padStart(8, "0");
