import { expect, it } from "vitest";
import { dataTestOf } from "../../../src/project/dbt/data-tests.ts";
import { testSchema } from "../../../src/project/dbt/manifest-schema.ts";

const test = (name: string, config: object = {}, kwargs: object = {}, more: object = {}) =>
  dataTestOf(
    testSchema.parse({
      unique_id: "test.shop.t",
      resource_type: "test",
      attached_node: "model.shop.m",
      column_name: "c",
      test_metadata: {
        name,
        kwargs: { column_name: "c", model: "{{ get_where_subquery(ref('m')) }}", ...kwargs },
        ...more,
      },
      config: { severity: "ERROR", error_if: "!= 0", warn_if: "!= 0", ...config },
    }),
  );
const plain = { arguments: {}, severity: "error", limit: 0 };

it.each<readonly [string, ReturnType<typeof test>, object | null]>([
  ["unique", test("unique"), { type: "unique", ...plain }],
  ["severity", test("not_null", { severity: "warn" }), { type: "not_null", ...plain, severity: "warn" }],
  ["where", test("not_null", { where: "c > 1" }), { type: "not_null", ...plain, where: "c > 1" }],
  ["a tolerance", test("not_null", { error_if: "> 10" }), { type: "not_null", ...plain, limit: 10 }],
  [
    "arguments in a block of their own",
    test("accepted_values", {}, { arguments: { values: [1, 2] } }),
    { type: "accepted_values", ...plain, arguments: { values: [1, 2] } },
  ],
  [
    "relationships",
    test("relationships", {}, { to: 'ref("people")', field: "id" }),
    { type: "relationships", ...plain, arguments: { to: "ref('people')", field: "id" } },
  ],
  ["relationships with a source", test("relationships", {}, { to: "source('a', 'b')", field: "id" }), null],
  ["relationships with a package", test("relationships", {}, { to: "ref('p', 'people')", field: "id" }), null],
  ["a template in where", test("not_null", { where: "at > '{{ var(\"from\") }}'" }), null],
  ["a query in where", test("not_null", { where: "c in (SELECT 1)" }), null],
  ["another threshold", test("not_null", { error_if: "between 1 and 3" }), null],
  ["a package's", test("unique", {}, {}, { namespace: "dbt_utils" }), null],
  ["another test", test("not_empty_string"), null],
])("%s", (_name, found, expected) => {
  expect(found).toEqual(expected);
});
