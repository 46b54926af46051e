import { isLoopback } from "./loopback.ts";

/** How long a warehouse that does not answer is waited for, the same for every client. */
export interface Retries {
  /** How often a request without an answer, or with one that says "later", is sent again. */
  readonly times: number;
  /** Waits grow from about a second to this, in seconds. */
  readonly longestWait: number;
}

/** About a minute in all: a network that changes, a load balancer that restarts. */
const remote: Retries = { times: 6, longestWait: 16 };

/** A server on this machine, an emulator: where it does not answer, it is gone. Tests cut its connections hundreds of times. */
const local: Retries = { times: 1, longestWait: 0.1 };

/** By the address of the warehouse; without one it is the vendor's own. */
export const retriesAt = (address: string | undefined): Retries => (isLoopback(address) ? local : remote);
