import { createPrivateKey, type KeyObject } from "node:crypto";
import { failure } from "../errors.ts";
import { retriesAt } from "./retries.ts";
import type { Labels } from "./warehouse.ts";

/** How a user proves who it is. A password alone is refused for people by most accounts, and never rotates by itself. */
export type SnowflakeAuthentication =
  /** PEM of an RSA key, PKCS#8 or PKCS#1; `passphrase` where it is encrypted. */
  | { readonly kind: "key_pair"; readonly privateKey: string; readonly passphrase?: string }
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

/** The key as unencrypted PKCS#8, the one form the driver takes without a passphrase. */
function plainPem({ privateKey, passphrase }: { readonly privateKey: string; readonly passphrase?: string }): string {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: privateKey, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // Without the cause: OpenSSL's words may hold parts of the key.
    throw failure("E740", "the private key cannot be read", {
      hint: "it must be the PEM text of an RSA key (-----BEGIN …), with its `passphrase` where it is encrypted",
    });
  }
  if (key.asymmetricKeyType !== "rsa") {
    throw failure("E740", `the private key is of type ${key.asymmetricKeyType}, Snowflake takes RSA keys only`, {
      hint: "openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out snowflake.p8",
    });
  }
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The query tag as JSON; Snowflake keeps 2,000 characters (docs.snowflake.com/en/sql-reference/parameters#query-tag). */
export function queryTag(labels: Labels): string {
  return JSON.stringify({ tool: "millrace", ...labels }).slice(0, 2000);
}
