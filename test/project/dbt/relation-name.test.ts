import { expect, it } from "vitest";
import { parseRelationName } from "../../../src/project/dbt/relation-name.ts";

it.each<readonly [string, readonly [database: string | null, schema: string, name: string] | null]>([
  ['"shop"."main"."customers"', ["shop", "main", "customers"]],
  ['"shop"."main"."a ""b"" c.d"', ["shop", "main", 'a "b" c.d']],
  ["`acme-dwh`.`analytics`.`customers`", ["acme-dwh", "analytics", "customers"]],
  ["`acme-dwh.analytics.customers`", ["acme-dwh", "analytics", "customers"]],
  ["DWH.ANALYTICS.customers", ["DWH", "ANALYTICS", "customers"]],
  ['"main"."customers"', [null, "main", "customers"]],
  ["customers", null],
  ["read_parquet('s3://x/y.parquet')", null],
  ['"a"."b"."c"."d"', null],
  ['"a".', null],
  ["", null],
])("%s", (text, parts) => {
  const [database, schema, name] = parts ?? [];
  expect(parseRelationName(text)).toEqual(parts === null ? null : { database, schema, name });
});
