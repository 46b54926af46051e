/** What is used of `snowflake-sdk`, which is not installed with millrace. */
import { loadPackage } from "./load-package.ts";

export interface SdkColumn {
  getName(): string;
  getType(): string;
  getPrecision(): number | null;
  getScale(): number | null;
}

export interface SdkStatement {
  getColumns(): readonly SdkColumn[] | undefined;
  getNumUpdatedRows(): number | undefined;
  /** Rows as arrays; the next ones are fetched when these were taken. */
  streamRows(): AsyncIterable<readonly unknown[]>;
}

/** Node.js options reference: docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-execute. */
export interface SdkExecuteOptions {
  readonly sqlText: string;
  readonly binds?: readonly (string | number | boolean | null)[];
  readonly streamResult: true;
  readonly rowMode: "array";
  readonly fetchAsString: readonly ("Number" | "JSON")[];
  readonly describeOnly?: boolean;
  /** Parameters of this statement alone, as the driver itself sends a query tag. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly complete: (error: unknown, statement: SdkStatement) => void;
}

export interface SdkConnection {
  connect(done: (error: unknown) => void): void;
  execute(options: SdkExecuteOptions): SdkStatement;
  destroy(done: (error: unknown) => void): void;
}

export interface SnowflakeSdk {
  configure(options: { readonly logLevel: "OFF"; readonly additionalLogToConsole: false }): void;
  createConnection(options: Readonly<Record<string, unknown>>): SdkConnection;
}

/** The driver, silent: by default it writes a log file where the command runs, and its errors to the console. E719 where there is none. */
export function loadSnowflakeSdk(projectFolder: string): SnowflakeSdk {
  // The driver brings AWS's SDK, which otherwise tells every user of Node 20 that its next versions will not run there.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const sdk = loadPackage<SnowflakeSdk>("snowflake-sdk", projectFolder);
  silence(sdk);
  return sdk;
}

/** Again after the first login, which reads a file of settings (sf_client_config.json) that may switch the log on. */
export function silence(sdk: SnowflakeSdk): void {
  sdk.configure({ logLevel: "OFF", additionalLogToConsole: false });
}
