import type { RunEvent } from "../core.ts";

/** Tells that the ledger's log stays beside it, with what hindered folding (a full disk): a warning, since nothing is lost. */
export const tellUnfolded =
  (onEvent: (event: RunEvent) => void) =>
  (because: string): void =>
    onEvent({ event: "ledger.unfolded", level: "warn", fields: { because } });
