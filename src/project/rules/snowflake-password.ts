import { isLoopback } from "../../warehouse/loopback.ts";
import type { WarehouseSpec } from "../project.ts";
import { report, type ValidationRule } from "./rule.ts";

/** A login at Snowflake that Snowflake itself advises against. */
export const snowflakePassword: ValidationRule = {
  code: "W735",
  severity: "warning",
  *check({ project, documents }) {
    const { name, warehouse } = project.environment;
    if (!hasPassword(warehouse)) return;
    const main = documents.find(({ file }) => file === "millrace.yml");
    if (main === undefined) return;
    const at = main.at(["environments", name, "warehouse", "connection", "password"], "key");
    yield report(snowflakePassword, passwordMessage, at, passwordHint);
  },
  valid: { "millrace.yml": environment('private_key: "${env:SNOWFLAKE_KEY}"') },
  invalid: { "millrace.yml": environment('password: "${env:SNOWFLAKE_PASSWORD}"') },
};

export const passwordMessage = "the login at Snowflake is by password";
export const passwordHint =
  "give the user TYPE = SERVICE and a key pair, and name it by `private_key`: Snowflake is ending logins by password alone";

/** At Snowflake's own address: an emulator on this machine ends no logins. */
export const hasPassword = (warehouse: WarehouseSpec): boolean =>
  warehouse.type === "snowflake" &&
  warehouse.connection["password"] !== undefined &&
  !isLoopback(String(warehouse.connection["endpoint"] ?? ""));

function environment(signIn: string): string {
  return `version: 1
name: shop
vars: { history_start: '2020-01-01' }
environments:
  prod:
    warehouse: { type: snowflake, database: DWH, connection: { account: acme-eu, user: MILLRACE, ${signIn} } }
    destinations: { "*": { use: file } }
`;
}
