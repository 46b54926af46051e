import { plainPem, type KeyText } from "./snowflake-key.ts";
import { retriesAt } from "./retries.ts";
import type { Labels } from "./warehouse.ts";

/** How a user proves who it is. A password alone is refused for people by most accounts, and never rotates by itself. */
export type SnowflakeAuthentication =
  | ({ readonly kind: "key_pair" } & KeyText)
  | { readonly kind: "oauth"; readonly token: string }
  | { readonly kind: "password"; readonly password: string };

export interface SnowflakeOptions {
  /** `organization-account`. */
  readonly account: string;
  readonly user: string;
  readonly authentication: SnowflakeAuthentication;
  readonly role?: string;
  readonly warehouse?: string;
  readonly database?: string;
  readonly schema?: string;
  /** Of the query tag: tool, project, sync, run. */
  readonly labels?: Labels;
  /** For emulators and private links: `http://127.0.0.1:8080`; otherwise the account's own host. */
  readonly endpoint?: string;
  /** Where `snowflake-sdk` may be installed: the folder of millrace.yml. */
  readonly projectFolder: string;
}

/** Fewer tries than the driver's 7: somebody waits in front of a terminal, and a wrong account never answers. */
const loginTries = 3;
/** Rows that a stream keeps ready. */
const streamRows = 1024;

/** What the driver is opened with. E740 for a key that cannot be read. */
export function connectionOptions(options: SnowflakeOptions): Readonly<Record<string, unknown>> {
  const { account, user, role, warehouse, database, schema, endpoint } = options;
  return {
    account,
    username: user,
    ...authenticationOptions(options.authentication),
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(database === undefined ? {} : { database }),
    ...(schema === undefined ? {} : { schema }),
    ...(endpoint === undefined ? {} : { accessUrl: endpoint }),
    application: "millrace",
    clientSessionKeepAlive: true,
    sfRetryMaxLoginRetries: Math.min(loginTries, retriesAt(endpoint).times),
    rowStreamHighWaterMark: streamRows,
    // Otherwise a NULL that is asked for as text comes as the text NULL.
    representNullAsStringNull: false,
    // Integers beyond 2^53 are read as text here; this keeps the driver from reporting them to Snowflake as lost digits.
    jsTreatIntegerAsBigInt: true,
  };
}

function authenticationOptions(authentication: SnowflakeAuthentication): Readonly<Record<string, string>> {
  switch (authentication.kind) {
    case "key_pair":
      return { authenticator: "SNOWFLAKE_JWT", privateKey: plainPem(authentication) };
    case "oauth":
      return { authenticator: "OAUTH", token: authentication.token };
    case "password":
      return { authenticator: "SNOWFLAKE", password: authentication.password };
  }
}

/** The query tag as JSON; Snowflake keeps 2,000 characters (docs.snowflake.com/en/sql-reference/parameters#query-tag). */
export function queryTag(labels: Labels): string {
  return JSON.stringify({ tool: "millrace", ...labels }).slice(0, 2000);
}
