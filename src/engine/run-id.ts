import type { Clock, Random } from "../ports.ts";

/** `2026-11-22T06-00-01-250Z-9d1f3c`: sorts by time, safe as a file name; its last part is what people type. */
export function newRunId(clock: Clock, random: Random): string {
  // Milliseconds too: two runs in one second must not stand in the order of their random parts.
  const at = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-");
  return `${at}-${random.hex(3)}`;
}
