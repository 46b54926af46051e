import { parseExactly } from "./exact-json.ts";
import { isoMicros } from "./iso-micros.ts";
import type { Column } from "./warehouse.ts";

type Convert = (value: any) => unknown;

/** The driver's dates know their instant exactly; their own text follows the session's format. */
interface SdkDate {
  getEpochSeconds(): number;
  /** Of the second. */
  getNanoSeconds(): number;
}

/**
 * How values of a column become plain ones, once, at the edge; null where the driver's own are plain already.
 *
 * The driver is asked for numbers and JSON as text. Integers: number within ±2^53, else BigInt. Decimals: exact text.
 * Timestamps: UTC ISO with microseconds and `Z`. Dates: yyyy-mm-dd. ARRAY and OBJECT: arrays and objects; VARIANT: JSON text.
 * Bytes: base64 unless asked for.
 */
export function converterOf(column: Column, { bytes = false } = {}): Convert | null {
  const convert = plainConverter(column, bytes);
  return convert === null ? null : (value) => (value === null ? null : convert(value));
}

function plainConverter({ family }: Column, bytes: boolean): Convert | null {
  switch (family) {
    case "integer":
      return integer;
    case "float":
      return float;
    case "date":
      return (value: SdkDate) => isoText(value).slice(0, 10);
    case "timestamp":
    case "timestamptz":
      return isoText;
    case "time":
      return (value: string) => value.replace(/(?:\.|(?<=\.\d*[1-9]))0*$/, "");
    case "binary":
      return bytes ? (value: Buffer) => new Uint8Array(value) : (value: Buffer) => value.toString("base64");
    case "list":
    case "struct":
      return parseExactly;
    default:
      return null;
  }
}

function integer(value: string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** `inf` is Snowflake's word, `Infinity` JavaScript's. */
function float(value: string): number {
  return Number(value.replace(/^(-?)inf(inity)?$/i, "$1Infinity"));
}

function isoText(value: SdkDate): string {
  const seconds = BigInt(value.getEpochSeconds());
  const micros = seconds * 1_000_000n + BigInt(Math.floor(value.getNanoSeconds() / 1000));
  return isoMicros(micros) ?? String(value);
}
