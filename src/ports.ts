/**
 * The ports through which the engine reaches the world; production passes Node's, tests pass a simulator.
 * Destinations reach nothing at all: they yield effects (see destination/index.ts).
 */

export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds, for leases, deadlines and token expiry. */
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string;
}

/** The local files millrace writes: journal, lock, run folders, artifacts. Paths are absolute. */
export interface Files {
  read(path: string): Promise<Uint8Array | null>;
  /** Writes beside, fsyncs and renames; mode defaults to 0600, parent folders (0700) are made. */
  writeAtomic(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Creates exclusively; false when the file is there already. */
  createExclusive(path: string, content: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  open(path: string): Promise<AppendFile>;
  /** The path without symbolic links, null when there is nothing; absent where the file system has none. */
  realPath?(path: string): Promise<string | null>;
}

/** An append-only file. A failing `sync` is fatal: the data may be gone although the next write succeeds. */
export interface AppendFile {
  append(content: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, cut off above 10 MB (then `HttpFault` `too_large`). */
  readonly body: Uint8Array;
}

/**
 * Why there is no answer. `arrived: false` is proof that the request did not reach the platform (DNS, connect, TLS,
 * refused address); everything else may have been applied.
 */
export class HttpFault extends Error {
  readonly code: string;
  readonly arrived: boolean;

  constructor(code: string, message: string, arrived: boolean) {
    super(message);
    this.name = "HttpFault";
    this.code = code;
    this.arrived = arrived;
  }
}

export interface Http {
  /** Sends one request; never follows a redirect to another origin. Throws {@link HttpFault} only. */
  send(call: HttpCall, options: { readonly signal?: AbortSignal; readonly timeoutMs: number }): Promise<HttpAnswer>;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
}
