import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { addressKind } from "./private-address.ts";

/** Resolves a name to all its addresses; Node's own unless a test brings another. */
export type Resolve = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** The address a name led to is not one we may talk to; nothing was sent. */
export class PrivateAddressError extends Error {
  readonly code = "MILLRACE_PRIVATE_ADDRESS";
}

export interface GuardOptions {
  /** Lower-case host names that may be private. */
  readonly allowed: ReadonlySet<string>;
  readonly timeoutMs: number;
  readonly resolve?: Resolve | undefined;
  /** Certificates of an authority of one's own (PEM). */
  readonly ca?: string | undefined;
}

/**
 * Connects only to addresses we may talk to. The check stands where the socket gets its address, so a name that answers
 * differently the second time (DNS rebinding) changes nothing.
 */
export function guardedConnector({
  allowed,
  timeoutMs,
  resolve = resolveAll,
  ca,
}: GuardOptions): buildConnector.connector {
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host, (error, addresses) => {
      if (error) return callback(error, "");
      const fit = addresses.filter(
        ({ address, family }) => mayConnect(host, address, allowed) && (!options.family || family === options.family),
      );
      const [first] = fit;
      if (!first) return callback(refused(host), "");
      return options.all === true ? callback(null, [...fit]) : callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup, ...(ca === undefined ? {} : { ca }) });
  return (options, callback) => {
    const host = bareHost(options.hostname);
    // Addresses written in the URL are never looked up.
    if (isIP(host) !== 0 && !mayConnect(host, host, allowed)) return callback(refused(host), null);
    return connect(options, (...result) => {
      const [, socket] = result;
      const address = socket?.remoteAddress;
      if (socket && address !== undefined && options.httpSocket === undefined && !mayConnect(host, address, allowed)) {
        socket.destroy();
        return callback(refused(host), null);
      }
      return callback(...result);
    });
  };
}

/** `[::1]` and `name.` as `::1` and `name`, lower-case. */
export const bareHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");

export function mayConnect(host: string, address: string, allowed: ReadonlySet<string>): boolean {
  const kind = addressKind(address);
  return kind === "public" || (kind === "private" && allowed.has(bareHost(host)));
}

const refused = (host: string): PrivateAddressError => new PrivateAddressError(`${host} is a private address`);

export const resolveAll: Resolve = (host, callback) => dnsLookup(host, { all: true }, callback);
