/** What a status, a fault or a refusal of the way itself says of a request, whatever the platform. */
import type { Destination, HttpResponse } from "../destination/index.ts";
import type { Carried } from "./courier.ts";

/** Faults that no retry mends; nothing was sent with any of them. */
export const permanent: Readonly<Record<string, { readonly code: string; readonly hint: string }>> = {
  private_address: {
    code: "E816",
    hint: "if it is meant to be private, set `allow_private_network: true` in the destination's config",
  },
  insecure: { code: "E816", hint: "use https, or set `allow_private_network: true` in the destination's config" },
  invalid_request: { code: "E817", hint: "look at the address and the headers in the destination's config" },
  tls: {
    code: "E818",
    hint: "the server's certificate is not valid for this address; NODE_EXTRA_CA_CERTS adds your own authority",
  },
};

/** E816: the destination asked for a host it does not declare. */
export function undeclared(name: string, host: string): Carried {
  const message = `${name} tried to call ${host}, which it does not declare`;
  return {
    status: "failed",
    code: "E816",
    message,
    hint: "a destination may call the hosts of its `hosts` only, or that of `base_url`",
    doubt: false,
  };
}

/** A classifier that throws over a strange answer has nothing to say. */
export function classified(
  definition: Pick<Destination, "classify">,
  response: HttpResponse,
): ReturnType<NonNullable<Destination["classify"]>> {
  try {
    return definition.classify?.(response);
  } catch {
    return undefined;
  }
}

/** What a status says where the platform is no exception. */
export function byStatus(status: number): "ok" | "retry" | "throttled" | "auth" | "reject" {
  if (status >= 200 && status < 300) return "ok";
  if (status === 429) return "throttled";
  if (status === 401) return "auth";
  return status === 408 || status === 425 || status >= 500 ? "retry" : "reject";
}
