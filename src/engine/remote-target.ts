/** A sync's target at the platform: found or made, and what is said of it. */
import type { Context, Effect, Exchange, Measured, ObjectSpec } from "../destination/index.ts";
import { failure } from "../errors.ts";
import type { Account } from "./account.ts";
import type { DeliveredSync } from "./delivery.ts";
import { unanswered } from "./unanswered.ts";

/** The sync's `remote:` block with the defaults of what the object declares; rule E217 has seen that it fits. */
export function remoteConfigOf(object: ObjectSpec<any>, remote: Context["remoteConfig"]): Context["remoteConfig"] {
  return object.remote === undefined
    ? remote
    : { ...remote, ...(object.remote.parse(remote) as Context["remoteConfig"]) };
}

/** What it finds goes the way of what answers say in passing. */
export function* measuring(exchange: Exchange<Measured>): Exchange<void> {
  yield { measured: yield* exchange } satisfies Effect;
}

/** The target's id: found or made by the destination's `ensure`; throws why there is none. */
export async function ensureTarget(
  account: Account,
  plan: DeliveredSync,
  context: Omit<Context<any>, "remote">,
  signal: AbortSignal,
): Promise<string> {
  const { object, sync } = plan.shape;
  if (object.ensure === undefined) return typeof sync.spec.remote["id"] === "string" ? sync.spec.remote["id"] : "";
  const ended = await account.line.converse(object.ensure(context), { once: false, signal });
  if (ended.status !== "answered") throw unanswered(ended, sync.at(["remote"]));
  const id: unknown = ended.value?.id;
  if (typeof id === "string") return id;
  throw failure("E816", "the destination's code found no target", { at: sync.at(["remote"]) });
}
