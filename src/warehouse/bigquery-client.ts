import { bigqueryError } from "./bigquery-error.ts";
import { loadPackage } from "./load-package.ts";
import { retriesAt } from "./retries.ts";

const name = "@google-cloud/bigquery";
const scope = "https://www.googleapis.com/auth/cloud-platform";

/** Who asks: a service account's key, whom the machine is signed in as, another account in whose name either acts, or nobody (emulators). */
export type BigQueryCredentials =
  | { readonly kind: "key"; readonly key: Readonly<Record<string, unknown>> }
  | { readonly kind: "default" }
  | {
      readonly kind: "impersonation";
      /** The service account's address. */
      readonly account: string;
      /** Who acts in its name; without it, whom the machine is signed in as. */
      readonly key?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "none" };

export interface ClientOptions {
  readonly projectId: string;
  readonly credentials: BigQueryCredentials;
  /** The folder of millrace.yml, where Google's client is looked for first. */
  readonly projectFolder: string;
  /** Another address than Google's: an emulator's. */
  readonly endpoint?: string;
}

/** One call of the REST API below the project; throws what the client throws. */
export type Call = (request: {
  readonly method: "GET" | "POST" | "DELETE";
  readonly uri: string;
  /** Another project than the one of the jobs. */
  readonly projectId?: string;
  readonly json?: object;
  readonly qs?: Readonly<Record<string, string | number | boolean | undefined>>;
}) => Promise<any>;

/** What is used of `@google-cloud/bigquery`: signing in, retries of what did not arrive, its way to the API. */
interface Sdk {
  readonly BigQuery: new (options: object) => {
    request(request: object, callback: (error: unknown, body: unknown) => void): void;
  };
}

interface AuthLibrary {
  readonly GoogleAuth: new (options: object) => { getClient(): Promise<object> };
  readonly Impersonated: new (options: object) => object;
}

/**
 * Google's client for the REST API; the package is loaded here and not before. It sends again what got no answer, as long as
 * `retriesAt` says; after that each request is sent once, until one is answered: a run whose network has gone ends soon.
 */
export async function openClient(options: ClientOptions): Promise<Call> {
  const { BigQuery } = loadPackage<Sdk>(name, options.projectFolder);
  const settings = {
    projectId: options.projectId,
    ...(options.endpoint === undefined ? {} : { apiEndpoint: options.endpoint }),
    ...(await signedIn(options)),
    userAgent: "millrace",
  };
  const { times: maxRetries, longestWait: maxRetryDelay } = retriesAt(options.endpoint);
  const patient = new BigQuery({ ...settings, retryOptions: { autoRetry: true, maxRetries, maxRetryDelay } });
  const brief = new BigQuery({ ...settings, retryOptions: { autoRetry: false } });
  let gone = false;
  return (request) =>
    new Promise((resolve, reject) => {
      (gone ? brief : patient).request(request, (error, body) => {
        gone = isUnanswered(error);
        if (error === null || error === undefined) resolve(body);
        else reject(error);
      });
    });
}

/** Answers that are errors have the number of their status. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof Error && typeof (error as { readonly code?: unknown }).code !== "number";

/** Options of Google's clients, of the REST API and of the Storage API alike. */
export async function signedIn({ credentials, projectFolder }: ClientOptions): Promise<object> {
  switch (credentials.kind) {
    case "key":
      return { credentials: credentials.key };
    case "default":
      return {};
    case "impersonation": {
      const { GoogleAuth, Impersonated } = loadPackage<AuthLibrary>(name, projectFolder, "google-auth-library");
      const { account, key } = credentials;
      const auth = new GoogleAuth({ scopes: [scope], ...(key === undefined ? {} : { credentials: key }) });
      const sourceClient = await auth.getClient().catch((error: unknown) => {
        throw bigqueryError(error);
      });
      return { authClient: new Impersonated({ sourceClient, targetPrincipal: account, targetScopes: [scope] }) };
    }
    case "none":
      return { authClient: nobody };
  }
}

/** Emulators ask for no name. */
const nobody = {
  getRequestHeaders: () => Promise.resolve(new Headers()),
  getAccessToken: () => Promise.resolve({ token: "none" }),
};
