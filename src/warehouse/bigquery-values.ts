import { type Field, isRepeated, standardType } from "./bigquery-types.ts";
import { isoMicros } from "./iso-micros.ts";

type Convert = (value: any) => unknown;

/** A cell of a row as the REST API sends it: text, or lists and rows of cells. */
export interface Cell {
  readonly v: unknown;
}

/**
 * How cells of a field become plain values, the same that DuckDB's adapter gives.
 *
 * Integers: number within ±2^53, else BigInt. Decimals: exact text. Timestamps: UTC ISO with microseconds and `Z`.
 * Lists: arrays; structs: objects; bytes: base64 unless asked for.
 */
export function converterOf(field: Field, bytes = false): Convert {
  const convert = oneOf(field, bytes);
  if (isRepeated(field)) return (cells: readonly Cell[] | null) => (cells ?? []).map(({ v }) => orNull(convert, v));
  return (value) => orNull(convert, value);
}

const orNull = (convert: Convert, value: unknown): unknown =>
  value === null || value === undefined ? null : convert(value);

function oneOf(field: Field, bytes: boolean): Convert {
  switch (standardType(field)) {
    case "INT64":
      return integer;
    case "FLOAT64":
      return float;
    case "BOOL":
      return (value) => value === true || value === "true";
    case "TIMESTAMP":
      return timestamp;
    case "DATETIME":
      return datetime;
    case "TIME":
      return timeOfDay;
    case "NUMERIC":
    case "BIGNUMERIC":
      return decimalText;
    case "BYTES":
      return bytes ? (value) => new Uint8Array(Buffer.from(String(value), "base64")) : String;
    case "STRUCT":
      return struct(field.fields ?? []);
    default:
      return String;
  }
}

export function integer(value: string | number | bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function float(value: string | number): number {
  const infinite = /^([+-]?)inf/i.exec(String(value));
  return infinite === null ? Number(value) : infinite[1] === "-" ? -Infinity : Infinity;
}

/** Microseconds as an integer, which is what is asked for; seconds as a float where an emulator knows nothing else. */
function timestamp(value: string): string {
  const micros = /^-?\d+$/.test(value) ? BigInt(value) : secondsToMicros(value);
  return isoMicros(micros) ?? value;
}

function secondsToMicros(value: string): bigint {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d+)\.(\d+)$/.exec(value) ?? [];
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  return /e/i.test(value) ? BigInt(Math.round(Number(value) * 1e6)) : sign === "-" ? -micros : micros;
}

/** `2026-01-05T10:00:00.5` -> `2026-01-05T10:00:00.500000Z`: what has no zone is UTC. */
function datetime(value: string): string {
  const [moment = "", fraction = ""] = value.replace(" ", "T").split(".");
  return `${moment}.${fraction.padEnd(6, "0")}Z`;
}

const withoutTrailingZeros = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** `10:00:00.000250` -> `10:00:00.00025`. */
export const timeOfDay = withoutTrailingZeros;
/** `-0.50` -> `-0.5`: a type has one text, whatever way it came. */
export const decimalText = withoutTrailingZeros;

function struct(fields: readonly Field[]): Convert {
  const converters = fields.map((field) => converterOf(field));
  return ({ f }: { readonly f: readonly Cell[] }) =>
    Object.fromEntries(fields.map(({ name }, index) => [name, converters[index]?.(f[index]?.v)]));
}
