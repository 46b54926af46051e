import type { Clock, Random } from "../ports.ts";

/** `2026-11-22T06-00-01Z-9d1f3c`: sorts by time, safe as a file name; its last part is what people type. */
export function newRunId(clock: Clock, random: Random): string {
  const at = new Date(clock.now())
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  return `${at}-${random.hex(3)}`;
}
