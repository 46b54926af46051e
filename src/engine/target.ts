/** Whose rows a ledger speaks of (R31): destination type, account, object and the remote thing named in the sync. */
import type { Json } from "../core.ts";
import type { Shape } from "./shape.ts";

/** Keys of a configuration that say how to reach an account, not which one it is. */
const transport = new Set([
  "base_url",
  "allow_private_network",
  "rows",
  "format",
  "layout",
  "headers",
  "api_version",
  "revision",
]);

/** Canonical JSON text of the target. */
export function targetOf({ destination, sync }: Shape): string {
  const account = Object.fromEntries(
    Object.entries(destination.spec.config)
      .filter(([name]) => !transport.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const { create: _create, ...remote } = sync.spec.remote as Record<string, Json>;
  return JSON.stringify({
    type: destination.spec.type,
    account,
    object: sync.spec.object,
    remote,
    outbox: destination.outbox,
  });
}
