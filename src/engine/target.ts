/** Whose rows a ledger speaks of (R31): destination type, account, object and the remote thing named in the sync. */
import type { Json } from "../core.ts";
import type { DestinationResource } from "../project/project.ts";
import type { Shape } from "./shape.ts";

export interface Target {
  readonly type: string;
  /** The settings that say which account it is, by name. */
  readonly account: Readonly<Record<string, Json>>;
  readonly object: string;
  readonly remote: Readonly<Record<string, Json>>;
  readonly outbox: boolean;
}

/** Keys of a configuration that say how to reach an account, not which one it is. */
const transport = new Set([
  "base_url",
  "allow_private_network",
  "rows",
  "format",
  "layout",
  "audience_writes",
  "headers",
  "api_version",
  "revision",
  "path_style",
  "host_key",
  "ssl",
  "statement_timeout",
  "find",
  "add",
  "update",
  "remove",
  "many",
  "answer",
  "delivery",
  "remembers_hours",
]);

/** Canonical JSON text of the target. */
export function targetOf({ destination, sync }: Pick<Shape, "destination" | "sync">): string {
  const { create: _create, ...remote } = sync.spec.remote as Record<string, Json>;
  const target: Target = {
    type: destination.spec.type,
    account: accountOf(destination),
    object: sync.spec.object,
    remote,
    outbox: destination.outbox,
  };
  return JSON.stringify(target);
}

/** The target that a ledger speaks of, out of its text. */
export const readTarget = (text: string): Target => JSON.parse(text) as Target;

/** The settings of a destination that say which account it is, in the order of their names. */
export function accountOf({ spec }: Pick<DestinationResource, "spec">): Readonly<Record<string, Json>> {
  return settings(spec.config, (name) => !transport.has(name));
}

/** The other ones: how it is reached. */
export function transportOf({ spec }: Pick<DestinationResource, "spec">): Readonly<Record<string, Json>> {
  return settings(spec.config, (name) => transport.has(name));
}

function settings(
  config: Readonly<Record<string, Json>>,
  wanted: (name: string) => boolean,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => wanted(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
