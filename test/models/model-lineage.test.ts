import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QueryLineage, RelationLineage } from "../../src/models/lineage.ts";
import { createModelLineage, type ModelLineage } from "../../src/models/model-lineage.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { files, projectOf, temporary } from "./fixture.ts";
import { doubtful, shapes } from "./lineage-shapes.ts";

const tables: Readonly<Record<string, string>> = {
  people:
    "id,email,name,country,manager,tags\n1,a@example.com,Ada,FR,2,x\n2,b@example.com,Bob,BE,1,y\n3,c@example.com,Cy,FR,2,z\n",
  orders:
    "order_id,customer_id,amount,status,placed\n10,1,5,paid,2026-01-01\n11,1,7,open,2026-01-05\n12,2,9,paid,2026-01-03\n13,2,2,open,2026-01-02\n",
};
const columns = Object.entries(tables).flatMap(([table, csv]) =>
  csv
    .split("\n")[0]!
    .split(",")
    .map((column) => ({ table, column, id: `${table}.${column}` })),
);

let parser: DuckDBWarehouse;
let lineage: ModelLineage;
beforeAll(async () => {
  parser = await openDuckDB();
  lineage = await lineageOf(
    Object.fromEntries(Object.entries({ ...shapes, ...doubtful }).map(([name, [sql]]) => [name, sql])),
  );
});
afterAll(() => parser.close());

/** Seeds stand for `source('shop', 'people')` and `orders`; nobody knows the columns of `visits`, `listed` has some. */
async function lineageOf(models: Readonly<Record<string, string>>): Promise<ModelLineage> {
  const root = await temporary();
  await files(root, Object.fromEntries(Object.entries(tables).map(([name, csv]) => [`seeds/raw/${name}.csv`, csv])));
  const listed = { name: "listed", columns: ["id", "page"].map((name) => ({ name, data_tests: [] })) };
  const project = projectOf(root, {
    tables: [{ name: "people" }, { name: "orders" }, { name: "visits" }, listed],
    seeds: { "raw.people": {}, "raw.orders": {} },
    models: Object.fromEntries(Object.entries(models).map(([name, sql]) => [name, worded(sql)])),
  });
  return createModelLineage(project, parser, {
    env: {},
    other: (id) => Promise.reject(new Error(`nobody asks for ${id}`)),
  });
}

const worded = (sql: string): string =>
  sql.replaceAll(/\$(\w+)/g, (_word, table: string) => `{{ source('shop', '${table}') }}`);

const short = ({ relation, column }: { readonly relation: string; readonly column: string | null }): string =>
  `${relation.replace(/^\w+:(shop\.)?/, "")}.${column}`;

/** `name < people.email, n < -` of constants, `x < ?` where nobody knows, `…` where there may be more; then `| filters`. */
function said({ columns: found, complete, filters }: QueryLineage): string {
  const values = found.map(
    ({ name, inputs }) => `${name} < ${inputs === null ? "?" : inputs.map(short).toSorted().join(" ") || "-"}`,
  );
  const rows = [...new Set(filters.map((one) => `${one.how} ${short(one)}`))].toSorted().join(", ");
  return `${[...values, ...(complete ? [] : ["…"])].join(", ")}${rows === "" ? "" : ` | ${rows}`}`;
}

const ofModel = (name: string): Promise<RelationLineage> => lineage.relation(`model:${name}`);

describe("what is read", () => {
  it.each(Object.entries(shapes))("%s", async (name, [, expected]) => {
    const found = await ofModel(name);
    expect([said(found), found.doubts]).toEqual([expected, []]);
  });
});

describe("what is not known is said, never guessed", () => {
  it.each(Object.entries(doubtful))("%s", async (name, [, expected, ...doubts]) => {
    const found = await ofModel(name);
    expect([said(found), ...found.doubts]).toEqual([expected, ...doubts]);
  });
});

/** Every shape is run as it is, and again with one column's values changed: what comes out differently must name that column. */
describe("a column that changes what comes out is among what is read", () => {
  const known = Object.entries(shapes).filter(([, [sql]]) => !sql.includes("$visits") && !sql.includes("$listed"));
  let plain: ReadonlyMap<string, string>;
  beforeAll(async () => {
    plain = await results(null);
  });

  it.each(columns)("$id", async ({ table, column, id }) => {
    const changed = await results({ table, column });
    const unread: string[] = [];
    for (const [key, value] of plain) {
      const [name = "", output = ""] = key.split("/");
      const found = await ofModel(name);
      // A column without a name, or the second of one name, is nobody's.
      const inputs = found.columns.find((one) => one.name.toLowerCase() === output.toLowerCase())?.inputs;
      if (inputs === undefined || changed.get(key) === value) continue;
      if (![...(inputs ?? []), ...found.filters].some((one) => short(one) === id)) unread.push(key);
    }
    expect(unread).toEqual([]);
  });

  it("changes something at all", async () => {
    const changed = await results({ table: "people", column: "email" });
    expect(changed.get("plain/email")).not.toBe(plain.get("plain/email"));
  });

  /** `shape/column` -> its values. */
  async function results(
    change: { readonly table: string; readonly column: string } | null,
  ): Promise<ReadonlyMap<string, string>> {
    const warehouse = await openDuckDB({ threads: 1 });
    try {
      await warehouse.execute("CREATE SCHEMA raw");
      for (const [name, csv] of Object.entries(tables)) {
        const [head = "", ...lines] = csv.trim().split("\n");
        const rows = lines.map((line) =>
          line
            .split(",")
            .map((value, index) =>
              changedValue(value, change?.table === name && head.split(",")[index] === change.column),
            ),
        );
        await warehouse.execute(
          `CREATE TABLE raw.${name} (${head
            .split(",")
            .map((one) => `${one} ${/id|amount|manager/.test(one) ? "INTEGER" : "VARCHAR"}`)
            .join(", ")})`,
        );
        await warehouse.execute(
          `INSERT INTO raw.${name} VALUES ${rows.map((row) => `(${row.map((value) => `'${value}'`).join(", ")})`).join(", ")}`,
        );
      }
      const found = new Map<string, string>();
      for (const [name, [sql]] of known) {
        const query = sql.replaceAll("$", "raw.").replace(/;\s*$/, "");
        const rows = await warehouse.rows(`SELECT * FROM (${query}\n) AS q`);
        for (const output of Object.keys(rows[0] ?? {}))
          found.set(`${name}/${output}`, JSON.stringify(rows.map((row) => plainText(row[output])).toSorted()));
      }
      return found;
    } finally {
      await warehouse.close();
    }
  }

  /** Integers stay integers that match other rows; texts become others. */
  const changedValue = (value: string, change: boolean): string => {
    if (!change) return value;
    if (/^\d{4}-/.test(value)) return value.replace("2026", "2024");
    return /^\d+$/.test(value) ? String(((Number(value) * 3) % 7) + 1) : `q${value}`;
  };
  const plainText = (value: unknown): string =>
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "";
});
