import { type Api, type ApiOptions, jsonApi } from "./api.ts";
import type { NetworkSettings } from "./network.ts";
import { rpcStatus } from "./rpc-status.ts";
import { stop } from "./stop.ts";

export interface RpcApiOptions<Config> extends Omit<ApiOptions<Config>, "fault" | "judge"> {
  /** Reasons for which no row gets through until somebody mends them, and what is to be done about each. */
  readonly unmended: Readonly<Record<string, string>>;
  /** Reasons that say that what the sync writes to is no more. */
  readonly gone: readonly string[];
}

/** A {@link jsonApi} of Google: errors read as {@link rpcStatus}, judged by the reasons they give. */
export function rpcApi<Config extends NetworkSettings>({
  unmended,
  gone,
  ...options
}: RpcApiOptions<Config>): Api<Config> {
  return jsonApi<Config>({
    ...options,
    fault({ body }) {
      const error = rpcStatus(body?.error);
      if (error === undefined) return undefined;
      const [first] = error.violations;
      return { code: error.reasons[0] ?? error.status, message: first?.description ?? error.message };
    },
    judge({ body, status }, fault) {
      const { reasons = [] } = rpcStatus(body?.error) ?? {};
      const words = fault?.message ?? `HTTP ${status}`;
      const known = reasons.find((reason) => Object.hasOwn(unmended, reason));
      if (known !== undefined) return stop("permission", `${known}: ${words}`, unmended[known]);
      return reasons.some((reason) => gone.includes(reason)) ? stop("target_gone", words) : undefined;
    },
  });
}
