import type { ColumnFamily } from "../warehouse/warehouse.ts";
import type { AudienceWords } from "./words.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** A number as digits: `digits` times ten to the minus `scale`; `scale` is the least that is exact. */
export interface Digits {
  readonly digits: bigint;
  readonly scale: number;
}

/** The digits of a number as written (`0.1` is one tenth, not its nearest double); null for infinities and NaN. */
export function digitsOf(value: number | bigint | string): Digits | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(String(value));
  if (match === null) return null;
  const fraction = match[3] ?? "";
  const exponent = Number(match[4] ?? 0);
  if (Math.abs(exponent) > 400) return null;
  const sign = match[1] === "-" ? -1n : 1n;
  let digits = sign * BigInt(match[2]! + fraction);
  let scale = fraction.length - exponent;
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  if (scale < 0) digits *= 10n ** BigInt(-scale);
  return { digits, scale: Math.max(scale, 0) };
}

/** `-12.05`. */
export function digitsText({ digits, scale }: Digits): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  return `${digits < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${text.slice(text.length - scale)}`}`;
}

/** Negative, zero or positive as the left number is less, equal or greater. */
export function compareDigits(left: Digits, right: Digits): number {
  const scale = Math.max(left.scale, right.scale);
  const difference =
    left.digits * 10n ** BigInt(scale - left.scale) - right.digits * 10n ** BigInt(scale - right.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * A comparison of an exact number column with a number, as SQL, null-propagating.
 *
 * A literal with more places than the column is rounded down here and the operator adapted: engines would otherwise
 * widen the column and fail on large values. Literals beyond 38 digits are compared as doubles.
 */
export function exactComparison(
  words: AudienceWords,
  column: string,
  type: string,
  family: ColumnFamily,
  comparator: Comparator,
  value: number | bigint,
): string {
  const literal = digitsOf(value);
  const asDoubles = (text: string): string =>
    words.compareDoubles(words.double(column), comparator, words.double(`'${text}'`));
  if (literal === null) return asDoubles(String(value));
  if (String(literal.digits).length > 38) return asDoubles(String(Number(value)));
  const places = family === "integer" ? 0 : Number(/\(\s*\d+\s*,\s*(\d+)\s*\)/.exec(type)?.[1] ?? 38);
  if (literal.scale <= places) return `${column} ${comparator} ${words.exact(digitsText(literal))}`;
  if (comparator === "=" || comparator === "<>") return constant(column, comparator === "<>");
  const floor = words.exact(
    digitsText({ digits: floorDivide(literal.digits, 10n ** BigInt(literal.scale - places)), scale: places }),
  );
  return comparator.startsWith(">") ? `${column} > ${floor}` : `${column} <= ${floor}`;
}

/** TRUE or FALSE where the column has a value, NULL where it has none. */
export function constant(column: string, value: boolean): string {
  return `CASE WHEN ${column} IS NOT NULL THEN ${value ? "TRUE" : "FALSE"} END`;
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
