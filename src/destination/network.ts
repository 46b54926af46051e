import { z } from "zod";

/** Keys that the configuration of every built-in destination has (decision 39). */
export const networkSettings = {
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Replaces scheme and host of the API, for sandboxes, gateways and tests; becomes the only host that is called.",
    ),
  allow_private_network: z
    .boolean()
    .default(false)
    .describe("Allow plain http and private addresses, for the host of base_url (or url) only."),
};

export interface NetworkSettings {
  readonly base_url?: string | undefined;
  readonly allow_private_network: boolean;
}

/** `base_url` without a slash at its end, or the vendor's own address. */
export function apiBase(config: NetworkSettings, vendor: string): string {
  return (config.base_url ?? vendor).replace(/\/+$/, "");
}
