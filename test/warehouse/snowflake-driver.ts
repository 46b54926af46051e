/** A driver that answers as a test says, behind the name `snowflake-sdk` in a project's folder. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { SdkColumn, SdkExecuteOptions } from "../../src/warehouse/snowflake-sdk.ts";

export interface Answer {
  /** `[name, type, precision, scale]`. */
  readonly columns?: readonly (readonly [name: string, type: string, precision?: number, scale?: number])[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly changed?: number;
  readonly error?: object;
}

export interface Driver {
  readonly projectFolder: string;
  readonly logins: Readonly<Record<string, unknown>>[];
  readonly configured: object[];
  /** `2: SELECT 1` for a statement of the second session; `2: closed` at its end. */
  readonly told: string[];
  readonly statements: SdkExecuteOptions[];
}

/** Statements without an answer change no rows. A login is refused where `refuse` gives an error. */
export function driverThat(
  answer: (sql: string) => Answer | undefined,
  refuse: () => object | null = () => null,
): Driver {
  const driver: Driver = {
    projectFolder: mkdtempSync(path.join(os.tmpdir(), "millrace-driver-")),
    logins: [],
    configured: [],
    told: [],
    statements: [],
  };
  const at = path.join(driver.projectFolder, "node_modules/snowflake-sdk");
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, "package.json"), '{ "name": "snowflake-sdk", "version": "0.0.0", "main": "index.js" }');
  writeFileSync(path.join(at, "index.js"), "module.exports = globalThis.snowflakeDriverOfTest;");

  const connection = (session: number): object => ({
    connect: (done: (error: unknown) => void) => done(refuse()),
    destroy(done: () => void) {
      driver.told.push(`${session}: closed`);
      done();
    },
    execute(options: SdkExecuteOptions) {
      driver.told.push(`${session}: ${options.sqlText}`);
      driver.statements.push(options);
      const { columns = [], rows = [], changed = -1, error = null } = answer(options.sqlText) ?? {};
      options.complete(error, {
        getColumns: () => columns.map(columnOf),
        getNumUpdatedRows: () => changed,
        streamRows: async function* () {
          yield* rows;
        },
      });
    },
  });
  (globalThis as Record<string, unknown>)["snowflakeDriverOfTest"] = {
    configure: (options: object) => driver.configured.push(options),
    createConnection: (options: Readonly<Record<string, unknown>>) => connection(driver.logins.push(options)),
  };
  return driver;
}

const columnOf = ([name, type, precision = 38, scale = 0]: readonly [string, string, number?, number?]): SdkColumn => ({
  getName: () => name,
  getType: () => type,
  getPrecision: () => precision,
  getScale: () => scale,
});
