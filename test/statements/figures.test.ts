/** What is counted beside a plan, all of it in one row. */
import { expect, test } from "vitest";
import { together } from "../../src/engine/figures.ts";
import { heldFigure, keyFigure, unmatchedFigure } from "../../src/engine/keys.ts";
import type { Workspace } from "../../src/engine/workspace.ts";
import { sentTable } from "../../src/ledger/tables.ts";
import { sideBySide } from "./recorded.ts";
import { vip } from "./vip.ts";

test("keys of the model, rows of the ledger, and those that nobody wants", async () => {
  const said = await sideBySide((at) => {
    const workspace = { warehouse: at.warehouse } as unknown as Workspace;
    const [shape, sent, relation] = [vip("mirror"), sentTable(at.ledger, "vip"), at.shop("customers")];
    const unmatched = unmatchedFigure(workspace, sent, shape, relation);
    const figures = [
      keyFigure(workspace, shape, relation),
      heldFigure(sent),
      ...(unmatched === null ? [] : [unmatched]),
    ];
    return together(at.dialect, figures);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT '{' || '"total":' || coalesce(coalesce(CASE WHEN f0.total BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f0.total AS VARCHAR) ELSE '"' || CAST(f0.total AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"without":' || coalesce(coalesce(CASE WHEN f0.without BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f0.without AS VARCHAR) ELSE '"' || CAST(f0.without AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"held":' || coalesce(coalesce(CASE WHEN f1.held BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.held AS VARCHAR) ELSE '"' || CAST(f1.held AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"quiet":' || coalesce(coalesce(CASE WHEN f1.quiet BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.quiet AS VARCHAR) ELSE '"' || CAST(f1.quiet AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"live":' || coalesce(coalesce(CASE WHEN f1.live BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.live AS VARCHAR) ELSE '"' || CAST(f1.live AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"unmatched":' || coalesce(coalesce(CASE WHEN f2.unmatched BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f2.unmatched AS VARCHAR) ELSE '"' || CAST(f2.unmatched AS VARCHAR) || '"' END, 'null'), 'null') || '}' AS measured FROM (SELECT count(*) AS total, count(CASE WHEN "id" IS NULL THEN 1 END) AS without FROM "acme"."shop"."customers" w) f0 CROSS JOIN (SELECT count(*) AS held, count(CASE WHEN state IN ('left', 'held') THEN 1 END) AS quiet, count(CASE WHEN state <> 'left' THEN 1 END) AS live FROM "acme"."millrace"."sent__vip" s) f1 CROSS JOIN (SELECT count(*) AS unmatched FROM "acme"."millrace"."sent__vip" s WHERE s.state IN ('left', 'held')
    AND NOT EXISTS (SELECT 1 FROM (SELECT CAST("id" AS VARCHAR) AS k FROM "acme"."shop"."customers" w) d WHERE d.k = s.k)) f2
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT CONCAT('{', '"total":', COALESCE(COALESCE(IF(f0.total BETWEEN -9007199254740991 AND 9007199254740991, CAST(f0.total AS STRING), CONCAT('"', CAST(f0.total AS STRING), '"')), 'null'), 'null'), ',', '"without":', COALESCE(COALESCE(IF(f0.without BETWEEN -9007199254740991 AND 9007199254740991, CAST(f0.without AS STRING), CONCAT('"', CAST(f0.without AS STRING), '"')), 'null'), 'null'), ',', '"held":', COALESCE(COALESCE(IF(f1.held BETWEEN -9007199254740991 AND 9007199254740991, CAST(f1.held AS STRING), CONCAT('"', CAST(f1.held AS STRING), '"')), 'null'), 'null'), ',', '"quiet":', COALESCE(COALESCE(IF(f1.quiet BETWEEN -9007199254740991 AND 9007199254740991, CAST(f1.quiet AS STRING), CONCAT('"', CAST(f1.quiet AS STRING), '"')), 'null'), 'null'), ',', '"live":', COALESCE(COALESCE(IF(f1.live BETWEEN -9007199254740991 AND 9007199254740991, CAST(f1.live AS STRING), CONCAT('"', CAST(f1.live AS STRING), '"')), 'null'), 'null'), ',', '"unmatched":', COALESCE(COALESCE(IF(f2.unmatched BETWEEN -9007199254740991 AND 9007199254740991, CAST(f2.unmatched AS STRING), CONCAT('"', CAST(f2.unmatched AS STRING), '"')), 'null'), 'null'), '}') AS measured FROM (SELECT count(*) AS total, count(CASE WHEN \`id\` IS NULL THEN 1 END) AS without FROM \`acme\`.\`shop\`.\`customers\` w) f0 CROSS JOIN (SELECT count(*) AS held, count(CASE WHEN state IN ('left', 'held') THEN 1 END) AS quiet, count(CASE WHEN state <> 'left' THEN 1 END) AS live FROM \`acme\`.\`millrace\`.\`sent__vip\` s) f1 CROSS JOIN (SELECT count(*) AS unmatched FROM \`acme\`.\`millrace\`.\`sent__vip\` s WHERE s.state IN ('left', 'held')
    AND NOT EXISTS (SELECT 1 FROM (SELECT CAST(\`id\` AS STRING) AS k FROM \`acme\`.\`shop\`.\`customers\` w) d WHERE d.k = s.k)) f2
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT '{' || '"total":' || COALESCE(COALESCE(CASE WHEN f0.total BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f0.total AS VARCHAR) ELSE '"' || CAST(f0.total AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"without":' || COALESCE(COALESCE(CASE WHEN f0.without BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f0.without AS VARCHAR) ELSE '"' || CAST(f0.without AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"held":' || COALESCE(COALESCE(CASE WHEN f1.held BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.held AS VARCHAR) ELSE '"' || CAST(f1.held AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"quiet":' || COALESCE(COALESCE(CASE WHEN f1.quiet BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.quiet AS VARCHAR) ELSE '"' || CAST(f1.quiet AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"live":' || COALESCE(COALESCE(CASE WHEN f1.live BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f1.live AS VARCHAR) ELSE '"' || CAST(f1.live AS VARCHAR) || '"' END, 'null'), 'null') || ',' || '"unmatched":' || COALESCE(COALESCE(CASE WHEN f2.unmatched BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(f2.unmatched AS VARCHAR) ELSE '"' || CAST(f2.unmatched AS VARCHAR) || '"' END, 'null'), 'null') || '}' AS measured FROM (SELECT count(*) AS total, count(CASE WHEN "ID" IS NULL THEN 1 END) AS without FROM "ACME"."SHOP"."CUSTOMERS" w) f0 CROSS JOIN (SELECT count(*) AS held, count(CASE WHEN state IN ('left', 'held') THEN 1 END) AS quiet, count(CASE WHEN state <> 'left' THEN 1 END) AS live FROM "ACME"."MILLRACE"."SENT__VIP" s) f1 CROSS JOIN (SELECT count(*) AS unmatched FROM "ACME"."MILLRACE"."SENT__VIP" s WHERE s.state IN ('left', 'held')
    AND NOT EXISTS (SELECT 1 FROM (SELECT CAST("ID" AS VARCHAR) AS k FROM "ACME"."SHOP"."CUSTOMERS" w) d WHERE d.k = s.k)) f2
  `);
});
