/**
 * How long Snowflake's driver goes on when nobody answers. Left alone it sends a statement again 1,000 times, up to 16 seconds
 * apart: a run whose network has gone would stand for hours. None of its options says less (snowflake-sdk 3.3 reads
 * `sfRetryMaxNumRetries` from none), so it is said to the one client that carries its requests. Where another version has no
 * such client, its own ways stay.
 */
import { MillraceError } from "../errors.ts";
import { loadPackage } from "./load-package.ts";
import { retriesAt } from "./retries.ts";

interface RequestConfig {
  readonly url?: string;
  /** The driver's own retries, in seconds. */
  snowflakeRetryConfig?: object;
}

/** What is used of the client (axios). */
export interface DriverClient {
  readonly interceptors: {
    readonly request: { use(before: (config: RequestConfig) => RequestConfig): void };
    readonly response: {
      use<Response extends { readonly config?: RequestConfig }>(
        answered: (response: Response) => Response,
        failed: (error: { readonly config?: RequestConfig; readonly response?: unknown }) => Promise<never>,
      ): void;
    };
  };
}

/** In the package, from its main file. */
const file = "./lib/http/axios_instance.js";

const limited = new WeakSet<DriverClient>();

/** Holds all requests of the driver to what `retriesAt` says of their host. Once is enough. */
export function limitRetries(projectFolder: string): void {
  const client = clientOf(projectFolder);
  if (client?.interceptors === undefined || limited.has(client)) return;
  limited.add(client);
  limitOf(client);
}

function clientOf(projectFolder: string): DriverClient | null {
  try {
    return loadPackage<{ readonly default?: DriverClient }>("snowflake-sdk", projectFolder, file).default ?? null;
  } catch (error) {
    if (error instanceof MillraceError) return null;
    throw error;
  }
}

function limitOf(client: DriverClient): void {
  /** Hosts that gave no answer after all tries: each request is sent once, until one is answered. */
  const gone = new Set<string>();
  client.interceptors.request.use((config) => {
    const host = hostOf(config);
    const { times, longestWait } = retriesAt(config.url);
    config.snowflakeRetryConfig = {
      ...config.snowflakeRetryConfig,
      maxRetries: host !== null && gone.has(host) ? 0 : times,
      sleepBase: Math.min(1, longestWait),
      sleepCap: longestWait,
    };
    return config;
  });
  // After the driver's own, which sends again: here come the last answer, and the error of the last try.
  client.interceptors.response.use(
    (response) => {
      gone.delete(hostOf(response.config) ?? "");
      return response;
    },
    (error) => {
      const host = hostOf(error.config);
      if (host !== null && error.response === undefined) gone.add(host);
      return Promise.reject(error);
    },
  );
}

const hostOf = (config: RequestConfig | undefined): string | null =>
  config?.url === undefined || !URL.canParse(config.url) ? null : new URL(config.url).host;
