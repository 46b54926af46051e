/** Which tables there are. */
import { expect, test } from "vitest";
import { wordsOf } from "../../src/ledger/words.ts";
import { sideBySide } from "./recorded.ts";

const places = {
  ledger: ["acme", "millrace"],
  models: ["acme", "millrace_models"],
  scratch: ["acme", "millrace_scratch"],
};

test("of the ledger", async () => {
  const said = await sideBySide(({ dialect }) => wordsOf(dialect).tables(["acme", "millrace"]));
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_catalog = 'acme' AND table_schema = 'millrace' ORDER BY 1`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT table_name AS name FROM \`acme\`.\`millrace\`.INFORMATION_SCHEMA.TABLES ORDER BY 1`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES WHERE table_catalog = 'ACME' AND table_schema = 'MILLRACE' ORDER BY 1`,
  );
});

test("of an environment, in one statement", async () => {
  const said = await sideBySide(({ dialect }) => wordsOf(dialect).listing(places));
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT 'ledger' AS place, table_name AS name FROM information_schema.tables WHERE table_catalog = 'acme' AND table_schema = 'millrace' UNION ALL SELECT 'models' AS place, table_name AS name FROM information_schema.tables WHERE table_catalog = 'acme' AND table_schema = 'millrace_models'`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT 'ledger' AS place, table_name AS name FROM \`acme\`.\`millrace\`.INFORMATION_SCHEMA.TABLES UNION ALL SELECT 'models' AS place, table_name AS name FROM \`acme\`.\`millrace_models\`.INFORMATION_SCHEMA.TABLES`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT CASE table_schema WHEN 'MILLRACE' THEN 'ledger' WHEN 'MILLRACE_MODELS' THEN 'models' WHEN 'MILLRACE_SCRATCH' THEN 'scratch' END AS place, LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES WHERE table_catalog = 'ACME' AND table_schema IN ('MILLRACE', 'MILLRACE_MODELS', 'MILLRACE_SCRATCH')`,
  );
});
