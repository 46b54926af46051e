import { type Field, isRepeated, standardType } from "./bigquery-types.ts";
import { decimalText, integer, timeOfDay } from "./bigquery-values.ts";
import { isoMicros } from "./iso-micros.ts";

/** What is used of a column of Apache Arrow. */
export interface Vector {
  readonly length: number;
  readonly type: { readonly scale?: number };
  readonly data: readonly { readonly values: ArrayLike<any> }[];
  get(index: number): any;
  isValid(index: number): boolean;
  getChildAt(index: number): Vector | null;
}

/** A column of Arrow as plain values, the same that the REST API's cells become. */
export function columnValues(vector: Vector | null, field: Field, bytes: boolean): unknown[] {
  if (vector === null) return [];
  const value = isRepeated(field) ? list(vector, field) : one(vector, field, bytes);
  return Array.from({ length: vector.length }, (_, index) =>
    vector.isValid(index) ? value(index) : isRepeated(field) ? [] : null,
  );
}

function list(vector: Vector, field: Field): (index: number) => unknown {
  const item = { ...field, mode: "NULLABLE" };
  return (index) => columnValues(vector.get(index) as Vector, item, false);
}

function one(vector: Vector, field: Field, bytes: boolean): (index: number) => unknown {
  const get = (index: number): any => vector.get(index);
  // As it stands in the buffer: Arrow's own getter makes floating milliseconds of it.
  const raw = (index: number): bigint => BigInt(vector.data[0]?.values[index]);
  switch (standardType(field)) {
    case "INT64":
      return (index) => integer(get(index));
    case "TIMESTAMP":
    case "DATETIME":
      return (index) => isoMicros(raw(index));
    case "TIME":
      return (index) => timeOfDay((isoMicros(raw(index)) ?? "").slice(11, -1));
    case "DATE":
      return (index) => new Date(Number(vector.data[0]?.values[index]) * 86_400_000).toISOString().slice(0, 10);
    case "NUMERIC":
    case "BIGNUMERIC":
      return (index) => decimal(get(index), vector.type.scale ?? 0);
    case "BYTES":
      return (index) => (bytes ? Uint8Array.from(get(index)) : Buffer.from(get(index)).toString("base64"));
    case "STRUCT":
      return struct(vector, field.fields ?? []);
    case "BOOL":
    case "FLOAT64":
      return get;
    default:
      return (index) => String(get(index));
  }
}

function struct(vector: Vector, fields: readonly Field[]): (index: number) => unknown {
  const columns = fields.map((field, index) => columnValues(vector.getChildAt(index), field, false));
  return (row) => Object.fromEntries(fields.map(({ name }, index) => [name, columns[index]?.[row]]));
}

/** Little-endian words of a two's complement, as exact text without trailing zeros. */
export function decimal(words: Uint32Array, scale: number): string {
  const unsigned = [...words].reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
  const value = BigInt.asIntN(words.length * 32, unsigned);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const whole = digits.length - scale;
  return decimalText(
    `${value < 0n ? "-" : ""}${digits.slice(0, whole)}${scale === 0 ? "" : "."}${digits.slice(whole)}`,
  );
}
