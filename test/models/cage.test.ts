/** F70: SQL of a project can only read what it was given; refused by the parser's check, and by the cage behind it. */
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCompiler } from "../../src/models/compile.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import type { Project } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { files, projectOf, temporary } from "./fixture.ts";

let root: string;
let project: Project;
let session: Session;

beforeAll(async () => {
  root = await temporary();
  await files(root, { "secret.csv": "password\nhunter2\n", "data/visits.csv": "visit_id\n7\n" });
  const user = await openDuckDB({ path: path.join(root, "data.duckdb") });
  await user.script([
    "CREATE SCHEMA raw",
    "CREATE TABLE raw.orders AS SELECT 1 AS order_id",
    "CREATE SEQUENCE raw.numbers",
  ]);
  await user.close();
  project = projectOf(root, {
    path: "data.duckdb",
    tables: [{ name: "orders" }, { name: "visits", file: "data/visits.csv" }],
  });
  session = await openSession(project, { write: true, env: {} });
});
afterAll(() => session.close());

const orders = "{{ source('shop', 'orders') }}";

/** Each as the text of a model; `SECRET` is a file of the project that no source names. */
const forbidden: readonly string[] = [
  "DELETE FROM source.raw.orders",
  "INSERT INTO source.raw.orders VALUES (2)",
  "UPDATE source.raw.orders SET order_id = 2",
  "DROP TABLE source.raw.orders",
  "TRUNCATE source.raw.orders",
  "ALTER TABLE source.raw.orders ADD COLUMN x INT",
  "CREATE TABLE t AS SELECT 1",
  "CREATE TEMP TABLE t AS SELECT 1",
  "CREATE VIEW v AS SELECT 1",
  "CREATE MACRO m(a) AS a",
  "CREATE SECRET s (TYPE s3)",
  "COPY (SELECT 1) TO 'SECRET.out'",
  "COPY t FROM 'SECRET'",
  "EXPORT DATABASE 'SECRET.out'",
  "IMPORT DATABASE 'SECRET.out'",
  "ATTACH 'SECRET.db' AS other",
  "DETACH source",
  "USE source",
  "INSTALL httpfs",
  "LOAD httpfs",
  "PRAGMA database_list",
  "CALL pragma_database_list()",
  "SET enable_external_access = true",
  "RESET lock_configuration",
  "CHECKPOINT ledger",
  "VACUUM",
  "BEGIN",
  "ROLLBACK",
  "PREPARE p AS SELECT 1",
  "EXPLAIN ANALYZE SELECT 1",
  "DESCRIBE source.raw.orders",
  "SHOW TABLES",
  "SELECT 1; DELETE FROM source.raw.orders",
  `SELECT * FROM ${orders}) q; DROP TABLE source.raw.orders; --`,
  "SELECT * FROM read_csv('SECRET')",
  "SELECT * FROM read_text('SECRET')",
  "SELECT * FROM read_blob('SECRET')",
  "SELECT * FROM glob('/*')",
  "SELECT * FROM 'SECRET'",
  'SELECT * FROM "SECRET"',
  "SELECT * FROM read_csv('https://example.com/x.csv')",
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('ledger.millrace.meta')",
  "SELECT * FROM duckdb_secrets()",
  "SELECT * FROM duckdb_settings()",
  "SELECT * FROM sniff_csv('SECRET')",
  "SELECT * FROM parquet_metadata('SECRET')",
  "SELECT * FROM ledger.millrace.meta",
  "SELECT * FROM source.raw.orders",
  "SELECT * FROM information_schema.tables",
  `SELECT (SELECT count(*) FROM 'SECRET') FROM ${orders}`,
  `SELECT * FROM ${orders} WHERE EXISTS (WITH a AS (FROM read_csv('SECRET')) FROM a)`,
  `WITH orders AS (SELECT 1) SELECT * FROM ${orders}, (WITH hidden AS (SELECT 1) SELECT 1), hidden`,
  `SELECT getenv('HOME') FROM ${orders}`,
  `SELECT nextval('source.raw.numbers') FROM ${orders}`,
  `SELECT current_setting('memory_limit') FROM ${orders}`,
  `SELECT * FROM ${orders} WHERE order_id = ?`,
  "FROM (DESCRIBE source.raw.orders)",
  "",
];

test.each(forbidden)("the check refuses: %s", async (text) => {
  const sql = text.replaceAll("SECRET", path.join(root, "secret.csv"));
  const compiler = await createCompiler(projectWith(sql), session);
  expect(() => compiler.query("attack")).toThrow(/^E70[234]: /);
});

test("and lets SELECTs pass that read what they were given", async () => {
  const sql = `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3)
SELECT o.order_id, n.i, v.visit_id, u.x FROM ${orders} o, n, {{ source('shop', 'visits') }} v, unnest([1]) u(x), range(1) -- ok`;
  const compiler = await createCompiler(projectWith(sql), session);
  expect(await session.warehouse.rows(`SELECT * FROM (${compiler.query("attack")}) q ORDER BY i`)).toEqual(
    [1, 2, 3].map((i) => ({ order_id: 1, i, visit_id: 7, x: 1 })),
  );
});

/** Without the check: what the cage itself refuses, for any statement of this program. */
test.each([
  "SELECT * FROM read_csv('SECRET')",
  "SELECT * FROM 'SECRET'",
  "SELECT * FROM read_text('/etc/hostname')",
  "SELECT * FROM glob('/etc/*')",
  "COPY (SELECT 1) TO 'SECRET.out'",
  "CREATE TABLE memory.main.t AS FROM read_csv('SECRET')",
  "ATTACH 'SECRET.db' AS other",
  "EXPORT DATABASE 'SECRET.out'",
  "INSTALL httpfs",
  "LOAD httpfs",
  "SET enable_external_access = true",
  "SET allowed_directories = ['/']",
  "SET GLOBAL TimeZone = 'Europe/Paris'",
  "RESET lock_configuration",
  "INSERT INTO source.raw.orders VALUES (2)",
  "DROP TABLE source.raw.orders",
  "CREATE TABLE source.raw.other AS SELECT 1",
])("the cage refuses: %s", async (text) => {
  const sql = text.replaceAll("SECRET", path.join(root, "secret.csv"));
  await expect(session.warehouse.execute(sql)).rejects.toThrow(/^E70[0-9]: /);
});

test("behind the cage the ledger is written, and a sort larger than the memory spills", async () => {
  const folder = await temporary();
  const base = projectOf(folder, { path: "none.duckdb" });
  const warehouse = { ...base.environment.warehouse, memory_limit: "32MB" };
  const small = await openSession(
    { ...base, environment: { ...base.environment, warehouse } },
    { write: true, env: {} },
  );
  try {
    const table = small.ledger("sorted");
    await small.warehouse.execute(
      `CREATE TABLE ${table} AS SELECT md5(CAST(range AS VARCHAR)) AS m FROM range(600000) ORDER BY m`,
    );
    await small.warehouse.execute("CHECKPOINT ledger");
    expect(await small.warehouse.rows(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 600_000 }]);
  } finally {
    await small.close();
  }
});

function projectWith(sql: string): Project {
  return projectOf(root, {
    path: "data.duckdb",
    tables: [{ name: "orders" }, { name: "visits", file: "data/visits.csv" }],
    models: { attack: sql },
  });
}
