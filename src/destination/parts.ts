import { digest } from "./identifiers/hash.ts";
import type { Change, Measured } from "./index.ts";

/** A list cut into pieces of at most `size`, in order. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** A positive whole number below 2^48 that only depends on the text: session ids that a retry repeats. */
export function numberFrom(text: string): number {
  return Number.parseInt(digest("sha256", text).slice(0, 12), 16) + 1;
}

/** For `measure`: bounds of a number of people, or the one number there is; nothing where the platform does not know (-1). */
export const sizeOf = (low: unknown, high: unknown = low): Measured =>
  typeof low === "number" && typeof high === "number" && low >= 0 && high >= low
    ? { sizeLow: low, sizeHigh: high }
    : {};

/** What we write into the description of a target we make, to know it again (ledger rule R43). */
export function sourceMarker(ctx: { readonly environment: string; readonly sync: string }): string {
  return `[millrace:${ctx.environment}/${ctx.sync}]`;
}

/**
 * The remote id of the record that exactly these identifiers were sent for; undefined when the row has held others since,
 * so that taking an old identifier away never hits the record of the new one.
 */
export function remoteIdOf({ before, identifiers }: Pick<Change, "before" | "identifiers">): string | undefined {
  const sent = (kind: string, value: string): boolean =>
    // Kinds that are one identity together (`identify: all`) are kept as `from+to` with a JSON list of values.
    kind.includes("+")
      ? JSON.stringify(kind.split("+").map((one) => identifiers[one])) === value
      : identifiers[kind] === value;
  return before?.ids.every(({ kind, value }) => sent(kind, value)) === true ? before.remoteId : undefined;
}
