/**
 * Gets files that a platform names in its answers. They are somebody else's place: nothing of the account goes there, no
 * credential, no signature, no header of a destination, and how they fare says nothing of the platform's health or limits.
 */
import type { RunEvent } from "../core.ts";
import type { Destination, Downloaded } from "../destination/index.ts";
import { HttpFault, type Http, type HttpAnswer, type Ports } from "../ports.ts";
import { byStatus } from "./answers.ts";
import { downloadHosts, hostOf, isDeclared } from "./hosts.ts";
import { textOf } from "./reply.ts";
import { backoffMs, retryAfterMs, spread } from "./retry.ts";

export interface DownloadsOptions {
  readonly definition: Pick<Destination, "name" | "downloads">;
  readonly config: unknown;
  readonly http: Http;
  readonly ports: Ports;
  /** Tries of one file, the first included. */
  readonly attempts: number;
  /** From the first try to the last, milliseconds. */
  readonly deadlineMs: number;
  /** Longest time of one try. */
  readonly timeoutMs: number;
  /** Takes our own secrets out of a text. */
  readonly hide: (text: string) => string;
  readonly onEvent: (event: RunEvent) => void;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Looked at right before each request: false = send nothing more. */
  readonly maySend: () => boolean;
  readonly onRequest: () => void;
}

/** Why there is no file. `again`: another try may help, after `askedMs` where the host says so. */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly again: boolean;
  readonly askedMs: number | null;
}

const lasting: Readonly<Record<string, Pick<Fault, "code" | "hint">>> = {
  private_address: { code: "E816", hint: "only the host of base_url may be private" },
  insecure: { code: "E816", hint: "only the host of base_url may do without https" },
  invalid_request: { code: "E817" },
  tls: { code: "E818" },
  too_large: { code: "E820" },
};

export class Downloads {
  readonly #options: DownloadsOptions;
  /** Hosts that did not give a file after all tries: each further file there is tried once. */
  readonly #dead = new Set<string>();
  readonly #told = new Set<string>();

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /** The file, why there is none, or null when the run is told to stop. */
  async get(url: string, options: DownloadOptions): Promise<Downloaded | null> {
    const { config, definition, deadlineMs, ports } = this.#options;
    const host = hostOf(url);
    if (!isDeclared(url, downloadHosts(definition, config))) return this.#unread(undeclared(host));
    const attempts = this.#dead.has(host) ? 1 : this.#options.attempts;
    const deadline = ports.clock.monotonic() + deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      if (options.signal.aborted || !options.maySend()) return null;
      const tried = await this.#try(url, options);
      if (options.signal.aborted) return null;
      if ("text" in tried) return tried;
      const wait = tried.askedMs === null ? backoffMs(attempt, ports.random) : spread(tried.askedMs, ports.random);
      if (!tried.again) return this.#unread(tried);
      if (attempt >= attempts || ports.clock.monotonic() + wait > deadline) {
        this.#dead.add(host);
        return this.#unread(tried);
      }
      await ports.clock.sleep(wait, options.signal).catch(() => undefined);
    }
  }

  async #try(url: string, { signal, onRequest }: DownloadOptions): Promise<{ readonly text: string } | Fault> {
    const { hide, http, ports, timeoutMs } = this.#options;
    const headers = { accept: "text/csv, */*", "user-agent": "millrace" };
    try {
      onRequest();
      const answer = await http.send({ method: "GET", url, headers }, { signal, timeoutMs });
      return answer.status === 200 ? { text: hide(textOf(answer)) } : refusal(answer, hostOf(url), ports.clock.now());
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      const known = lasting[error.code] ?? { code: "E820" };
      const message = `the file at ${hostOf(url)} was not read: ${error.message}`;
      return { ...known, message, again: !(error.code in lasting), askedMs: null };
    }
  }

  /** Told once in the log, however many batches meet it. */
  #unread({ code, message, hint }: Fault): Downloaded {
    const { definition, hide, onEvent } = this.#options;
    const unread = hide(`${code}: ${message}${hint === undefined ? "" : `; ${hint}`}`);
    if (!this.#told.has(unread)) {
      const fields = { destination: definition.name, code, message, ...(hint === undefined ? {} : { hint }) };
      onEvent({ event: "destination.file_unread", level: "warn", fields });
    }
    this.#told.add(unread);
    return { unread };
  }
}

/** E816: the platform named a host that the destination does not declare for it. */
const undeclared = (host: string): Fault => ({
  code: "E816",
  message: `a file at ${host} was named, which is not among the hosts to read from`,
  hint: "if it is the platform's, list it under download_hosts of the destination's config",
  again: false,
  askedMs: null,
});

function refusal({ status, headers }: HttpAnswer, host: string, now: number): Fault {
  const kind = byStatus(status);
  const again = kind === "retry" || kind === "throttled";
  const askedMs = again ? retryAfterMs(headers, now) : null;
  return { code: "E820", message: `the file at ${host} was not read: HTTP ${status}`, again, askedMs };
}
