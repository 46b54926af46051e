import { expect, it } from "vitest";
import { openSnowflake, type SnowflakeWarehouse } from "../../src/warehouse/snowflake.ts";
import { type Answer, type Driver, driverThat } from "./snowflake-driver.ts";

const token = { kind: "oauth", token: "invented" } as const;
const settings = `ALTER SESSION SET TIMEZONE = 'UTC', WEEK_START = 0, WEEK_OF_YEAR_POLICY = 0, AUTOCOMMIT = TRUE, MULTI_STATEMENT_COUNT = 1, \
QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE, LOCK_TIMEOUT = 60, ABORT_DETACHED_QUERY = TRUE, \
ERROR_ON_NONDETERMINISTIC_MERGE = TRUE, ERROR_ON_NONDETERMINISTIC_UPDATE = TRUE, \
TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ', TIMESTAMP_INPUT_FORMAT = 'AUTO', DATE_INPUT_FORMAT = 'AUTO', \
TIME_INPUT_FORMAT = 'AUTO', TIMESTAMP_OUTPUT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM', \
TIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF6', \
TIMESTAMP_LTZ_OUTPUT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM', \
TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF6TZH:TZM', DATE_OUTPUT_FORMAT = 'YYYY-MM-DD', TIME_OUTPUT_FORMAT = 'HH24:MI:SS.FF6', \
BINARY_INPUT_FORMAT = 'HEX', BINARY_OUTPUT_FORMAT = 'HEX', JSON_INDENT = 0, STRICT_JSON_OUTPUT = TRUE`;

async function opened(
  answer: (sql: string) => Answer | undefined = () => undefined,
): Promise<{ warehouse: SnowflakeWarehouse; driver: Driver }> {
  const driver = driverThat(answer);
  const { projectFolder } = driver;
  const warehouse = await openSnowflake({
    account: "shop-main",
    user: "MILLRACE",
    authentication: token,
    projectFolder,
  });
  return { warehouse, driver };
}

it("silences the driver, logs in, pins the session and marks every statement", async () => {
  const { warehouse, driver } = await opened();
  await warehouse.execute("DELETE FROM t");
  await warehouse.labelled({ sync: "vip_to_meta", run: "r_1" }).execute("DELETE FROM t");
  await warehouse.close();
  expect(driver.configured).toEqual([{ logLevel: "OFF", additionalLogToConsole: false }]);
  expect(driver.told).toEqual([`1: ${settings}`, "1: DELETE FROM t", "1: DELETE FROM t", "1: closed"]);
  expect(driver.statements.map(({ parameters }) => parameters)).toEqual([
    { QUERY_TAG: '{"tool":"millrace"}' },
    { QUERY_TAG: '{"tool":"millrace"}' },
    { QUERY_TAG: '{"tool":"millrace","sync":"vip_to_meta","run":"r_1"}' },
  ]);
});

it("runs scripts in a session of their own, which the next one takes over", async () => {
  const { warehouse, driver } = await opened();
  await warehouse.script(["INSERT 1", "INSERT 2"]);
  await warehouse.script(["INSERT 3"]);
  await warehouse.close();
  expect(driver.told).toEqual([
    `1: ${settings}`,
    `2: ${settings}`,
    "2: BEGIN",
    "2: INSERT 1",
    "2: INSERT 2",
    "2: COMMIT",
    "2: BEGIN",
    "2: INSERT 3",
    "2: COMMIT",
    "1: closed",
    "2: closed",
  ]);
});

it("rolls back what failed, and gives a session up that cannot", async () => {
  let dead = false;
  const gone = { code: "390112", sqlState: "08001", message: "Your session has expired" };
  const { warehouse, driver } = await opened((sql) => {
    if (sql === "INSERT 2")
      return { error: { code: "100038", sqlState: "22018", message: "Numeric value 'x' is not recognized" } };
    return dead && sql === "ROLLBACK" ? { error: gone } : undefined;
  });
  const failing = "E701: Numeric value '…' is not recognized";
  await expect(warehouse.script(["INSERT 1", "INSERT 2"])).rejects.toThrow(failing);
  dead = true;
  await expect(warehouse.script(["INSERT 2"])).rejects.toThrow(failing);
  await warehouse.script(["INSERT 3"]);
  expect(driver.told.filter((line) => !line.includes("ALTER"))).toEqual([
    "2: BEGIN",
    "2: INSERT 1",
    "2: INSERT 2",
    "2: ROLLBACK",
    "2: BEGIN",
    "2: INSERT 2",
    "2: ROLLBACK",
    "2: closed",
    "3: BEGIN",
    "3: INSERT 3",
    "3: COMMIT",
  ]);
});

it("runs no script with DDL, which would commit what stands before it", async () => {
  const { warehouse, driver } = await opened();
  await expect(warehouse.script(["INSERT 1", " create table t (n number)"])).rejects.toThrow(
    "a script holds DML only, Snowflake commits before  create table t (n number)",
  );
  expect(driver.told).toEqual([`1: ${settings}`]);
});

it("reads values that no emulator has", async () => {
  const { warehouse } = await opened((sql) =>
    sql === "SELECT all"
      ? {
          columns: [
            ["list", "array"],
            ["object", "object"],
            ["any", "variant"],
            ["shape", "geography"],
            ["big", "fixed", 38, 0],
            ["price", "fixed", 10, 2],
            ["far", "real"],
          ],
          rows: [
            ['["a",9007199254740993]', '{"n":null}', '{"a":1}', "POINT(1 2)", "-9007199254740993", "1.50", "-inf"],
          ],
        }
      : undefined,
  );
  expect(await warehouse.describe("SELECT all")).toEqual([
    { name: "list", type: "ARRAY", family: "list" },
    { name: "object", type: "OBJECT", family: "struct" },
    { name: "any", type: "VARIANT", family: "json" },
    { name: "shape", type: "GEOGRAPHY", family: "other" },
    { name: "big", type: "NUMBER(38,0)", family: "integer" },
    { name: "price", type: "NUMBER(10,2)", family: "decimal" },
    { name: "far", type: "FLOAT", family: "float" },
  ]);
  expect(await warehouse.rows("SELECT all")).toEqual([
    {
      list: ["a", 9007199254740993n],
      object: { n: null },
      any: '{"a":1}',
      shape: "POINT(1 2)",
      big: -9007199254740993n,
      price: "1.50",
      far: -Infinity,
    },
  ]);
});

it("appends rows of any types as one parameter of JSON", async () => {
  const { warehouse, driver } = await opened((sql) =>
    sql.startsWith("SELECT")
      ? {
          columns: [
            ["n", "fixed", 18, 4],
            ["at", "timestamp_ntz"],
            ["zoned", "timestamp_tz"],
            ["list", "array"],
            ["any", "variant"],
            ["bytes", "binary"],
            ["f", "real"],
          ],
        }
      : undefined,
  );
  await warehouse.append('"t"', [
    [
      [
        "1.50000",
        "2026-01-05T10:00:00.000001+02:00",
        "2026-01-05T10:00:00Z",
        [1n],
        "{}",
        new Uint8Array([1]),
        -Infinity,
      ],
    ],
    [[null, undefined, 0, null, { a: "é" }, "AQ==", 0.1]],
  ]);
  const [sql, rows] = [driver.statements.at(-2)?.sqlText, driver.statements.at(-2)?.binds];
  expect(sql).toBe(
    'INSERT INTO "t" ("N", "AT", "ZONED", "LIST", "ANY", "BYTES", "F") SELECT CAST(value[0]::VARCHAR AS NUMBER(18,4)), \
CAST(value[1]::VARCHAR AS TIMESTAMP_NTZ), CAST(value[2]::VARCHAR AS TIMESTAMP_TZ), CAST(PARSE_JSON(value[3]::VARCHAR) AS ARRAY), \
PARSE_JSON(value[4]::VARCHAR), TO_BINARY(value[5]::VARCHAR, \'BASE64\'), CAST(value[6]::VARCHAR AS FLOAT) \
FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))',
  );
  expect(JSON.parse(String(rows?.[0]))).toEqual([
    ["1.50000", "2026-01-05T08:00:00.000001", "2026-01-05T10:00:00.000000+00:00", "[1]", "{}", "AQ==", "-inf"],
    [null, null, "1970-01-01T00:00:00.000000+00:00", null, '{"a":"é"}', "AQ==", "0.1"],
  ]);
  await expect(warehouse.append('"t"', [[["1.50001", null, null, null, null, null, null]]])).rejects.toThrow(
    "E701: a value does not fit a NUMBER column with 4 places",
  );
});

it("warns of a password", async () => {
  const { projectFolder } = driverThat(() => undefined);
  const authentication = { kind: "password", password: "invented" } as const;
  const { warnings } = await openSnowflake({ account: "shop-main", user: "MILLRACE", authentication, projectFolder });
  expect(warnings).toEqual([
    {
      code: "W735",
      severity: "warning",
      message: "MILLRACE logs in to Snowflake with a password",
      hint: "give the user TYPE = SERVICE and a key pair: Snowflake is ending logins by password alone",
    },
  ]);
  expect((await opened()).warehouse.warnings).toEqual([]);
});
