import { failure } from "../errors.ts";

/** Microseconds since the epoch as `2026-01-05T10:00:00.123456Z`; null outside the years 0 to 9999 (and for infinity). */
export function isoMicros(micros: bigint): string | null {
  if (micros < -62_167_219_200_000_000n || micros > 253_402_300_799_999_999n) return null;
  const millis = Number(floorDivide(micros, 1000n));
  const rest = Number(micros - BigInt(millis) * 1000n);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

/** Towards minus infinity, as time before 1970 needs it. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Microseconds since the epoch of an ISO timestamp (UTC where it names no zone) or of milliseconds. */
export function microsOf(value: string | number | Date): bigint {
  if (typeof value === "number") return BigInt(Math.round(value)) * 1000n;
  if (value instanceof Date) return BigInt(value.getTime()) * 1000n;
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(value);
  if (found === null) throw failure("E701", "a value is not an ISO timestamp");
  const [, day, time, fraction = "", zone = "Z"] = found;
  const offset = zone.length === 3 ? `${zone}:00` : zone;
  return BigInt(Date.parse(`${day}T${time}${offset}`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
