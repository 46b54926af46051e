import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selectColumns } from "../../src/models/select-columns.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";

const tables: Readonly<Record<string, readonly string[]>> = { people: ["id", "Email"], orders: ["order_id", "id"] };

let warehouse: DuckDBWarehouse;
beforeAll(async () => {
  warehouse = await openDuckDB();
  await warehouse.script([
    'CREATE TABLE people (id INTEGER, "Email" VARCHAR)',
    "CREATE TABLE orders (order_id INTEGER, id INTEGER)",
    "CREATE TABLE unknown (x INTEGER, l INTEGER[], s STRUCT(a INTEGER, b INTEGER))",
  ]);
});
afterAll(() => warehouse.close());

async function read(sql: string): Promise<readonly string[] | null> {
  const [row] = await warehouse.rows(
    "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_null := true, skip_empty := true) AS tree",
    [sql],
  );
  return selectColumns(JSON.parse(String(row?.["tree"])), (parts) => tables[parts.at(-1) ?? ""] ?? null);
}

describe("says what DuckDB says", () => {
  it.each([
    "select id, Email as mail, 1 as one from people",
    "select p.id, p.Email from people p",
    "select * from people",
    "from people",
    "select p.*, o.order_id from people p join orders o using (id)",
    "with source as (select * from main.people), renamed as (select id as person_id, lower(Email) as mail from source) select * from renamed",
    "with a as (select * from people), b as (select * exclude (id) from a) select b.*, 2 as two from b",
    "select * replace (id + 1 as id) from people",
    "select * rename (id as person_id) from people",
    "select * from people where id in (select id from orders)",
    "select * from people semi join orders using (id)",
    "select * from people anti join orders using (id)",
    "select * from (select id as x from people) inside",
    "select x from (select id from people) as inside(x)",
    "with b(m, n) as (select * from people) select * from b",
    "select id from people union all select order_id from orders",
    "select id from people union by name select order_id from orders",
    "select id from people except select id from orders intersect select 3 as other",
    "with recursive r as (select 1 as z union all select z + 1 from r where z < 3) select * from r",
    "select case when id > 1 then 'a' else 'b' end as kind, row_number() over (order by id) as nth from people qualify nth = 1",
    "select s.a, s.b as c, x from unknown",
    "with people as (select 1 as other) select * from people",
    "with outside as (select 1 as a) select * from (with inside as (select * from outside) select a as b from inside)",
  ])("%s", async (sql) => {
    const described = (await warehouse.describe(sql)).map(({ name }) => name);
    expect(new Set(await read(sql))).toEqual(new Set(described));
  });
});

describe("says nothing rather than something wrong", () => {
  it.each([
    "select * from unknown",
    "select people.*, unknown.* from people, unknown",
    "select columns('i.*') from people",
    "select s.* from unknown",
    "select unnest(s) from unknown",
    "select * from range(3)",
    "from (values (1, 2)) v(a, b)",
    "pivot orders on order_id using count(*)",
    "select 1 as a; select 2 as b",
    "select from where",
    "insert into people values (1, 'a')",
    "def model(dbt, session): return dbt.ref('people')",
  ])("%s", async (sql) => {
    expect(await read(sql)).toBeNull();
  });
});
