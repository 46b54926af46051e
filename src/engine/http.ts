/**
 * The only place that fetches. One pool of connections per origin, a time limit for every phase, private addresses
 * refused where the socket gets its address, answers cut at 10 MB decoded, redirects never followed.
 */
import { isIP } from "node:net";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { Pool, ProxyAgent, type Dispatcher } from "undici";
import { HttpFault, type Http, type HttpAnswer, type HttpCall } from "../ports.ts";
import { bareHost, guardedConnector, PrivateAddressError, type Resolve } from "./guarded-connect.ts";
import { readUrl } from "./hosts.ts";
import { faultOf } from "./http-fault.ts";
import { addressKind } from "./private-address.ts";
import { proxyFor } from "./proxy.ts";

export interface HttpOptions {
  /** Hosts (`name`, `name:port`) that may be private and spoken to without TLS; metadata addresses never. */
  readonly allowPrivateHosts: readonly string[];
  /** HTTPS_PROXY and NO_PROXY are read from here. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  /** Longest silence inside a body. */
  readonly bodyIdleMs?: number;
  readonly maxBodyBytes?: number;
  /** For tests: another name server, an authority of one's own (PEM). */
  readonly resolve?: Resolve;
  readonly ca?: string;
}

const defaults = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  bodyIdleMs: 30_000,
  maxBodyBytes: 10 * 1024 * 1024,
};
/** A whole exchange, whatever the caller says. */
const longestMs = 300_000;

export function createHttp(options: HttpOptions): Http & { close(): Promise<void> } {
  const settings = { ...defaults, ...withoutUndefined(options) };
  const allowed = new Set(options.allowPrivateHosts.map(hostName));
  const pools = new Map<string, Dispatcher>();

  const open = (url: URL): Dispatcher => {
    const limits = {
      headersTimeout: settings.headersTimeoutMs,
      bodyTimeout: settings.bodyIdleMs,
      connections: 64,
      pipelining: 1,
    };
    const guard = { timeoutMs: settings.connectTimeoutMs, resolve: options.resolve, ca: options.ca };
    const proxy = proxyFor(url, options.env ?? {});
    if (proxy === null) return new Pool(url.origin, { ...limits, connect: guardedConnector({ ...guard, allowed }) });
    if (isIP(bareHost(url.hostname)) !== 0 && addressKind(url.hostname) !== "public")
      throw faultOf(new PrivateAddressError(), false);
    // The operator named the proxy, so it may stand in a private network; we only see its address, not the target's.
    const connect = guardedConnector({ ...guard, allowed: new Set([bareHost(proxy.hostname)]) });
    const tls = options.ca === undefined ? {} : { requestTls: { ca: options.ca } };
    return new ProxyAgent({
      ...limits,
      ...tls,
      uri: proxy.href,
      clientFactory: (origin) => new Pool(origin, { ...limits, connect }),
    });
  };

  return {
    async send(call, { signal, timeoutMs }) {
      const url = checkedUrl(call.url, allowed);
      const pool = pools.get(url.origin) ?? open(url);
      pools.set(url.origin, pool);
      const limit = Math.min(timeoutMs, longestMs);
      return await decoded(
        await exchange(pool, url, call, { signal, limit, maxBytes: settings.maxBodyBytes }),
        settings.maxBodyBytes,
      );
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

function checkedUrl(address: string, allowed: ReadonlySet<string>): URL {
  const url = readUrl(address);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new HttpFault("invalid_request", "the address is no http address", false);
  if (url.username !== "" || url.password !== "")
    throw new HttpFault("invalid_request", "the address holds a user name or password", false);
  if (url.protocol === "http:" && !allowed.has(bareHost(url.hostname)))
    throw new HttpFault("insecure", "plain http is not allowed", false);
  return url;
}

interface Running {
  readonly signal: AbortSignal | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/** One request and its raw answer. Until undici says that it begins to write, nothing of it can have arrived. */
function exchange(
  pool: Dispatcher,
  url: URL,
  call: HttpCall,
  { signal, limit, maxBytes }: Running,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let ended = false;
    let status = 0;
    let headers: Record<string, string> = {};
    let size = 0;
    const chunks: Buffer[] = [];

    const end = (fault: HttpFault | null): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (!fault) return resolve({ status, headers, body: Buffer.concat(chunks) });
      reject(fault);
      controller?.abort(fault);
    };
    const onAbort = (): void => end(new HttpFault("aborted", "it was interrupted", controller !== null));
    const timer = setTimeout(
      () => end(new HttpFault("timeout", "no complete answer in time", controller !== null)),
      limit,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) return onAbort();

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (ended) return started.abort(new HttpFault("aborted", "it was interrupted", false));
        controller = started;
      },
      onResponseStart(_, code, raw) {
        status = code;
        headers = flat(raw);
        if (Number(headers["content-length"]) > maxBytes) end(tooLarge());
      },
      onResponseData(_, chunk) {
        size += chunk.length;
        if (size > maxBytes) end(tooLarge());
        else chunks.push(chunk);
      },
      onResponseEnd: () => end(null),
      onResponseError: (_, error) => end(faultOf(error, controller !== null)),
    };
    const body = call.body === undefined ? null : call.body;
    try {
      const headersOut = { "accept-encoding": "gzip, deflate, br", ...call.headers };
      pool.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: call.method as Dispatcher.HttpMethod,
          headers: headersOut,
          body,
        },
        handler,
      );
    } catch (error) {
      end(faultOf(error, controller !== null));
    }
  });
}

const decoders: Readonly<Record<string, (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> =
  {
    gzip: promisify(gunzip),
    "x-gzip": promisify(gunzip),
    deflate: promisify(inflate),
    br: promisify(brotliDecompress),
  };

/** Unpacks the body; a bomb is cut where it passes the limit, not after. */
async function decoded(answer: HttpAnswer, maxOutputLength: number): Promise<HttpAnswer> {
  const encodings = (answer.headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  let { body } = answer;
  for (const encoding of encodings.toReversed()) {
    if (encoding === "" || encoding === "identity" || body.length === 0) continue;
    const decode = decoders[encoding];
    if (!decode) throw new HttpFault("bad_encoding", "the answer is packed in a way we did not ask for", true);
    try {
      body = await decode(body, { maxOutputLength });
    } catch (error) {
      const large = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
      throw large ? tooLarge() : new HttpFault("bad_encoding", "the answer cannot be unpacked", true);
    }
  }
  return { ...answer, body };
}

const tooLarge = (): HttpFault => new HttpFault("too_large", "the answer is larger than we read", true);

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

const hostName = (host: string): string => bareHost(readUrl(`http://${host}`)?.hostname ?? host);

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
