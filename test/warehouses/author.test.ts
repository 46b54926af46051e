/** What authors ask of a warehouse by the command line: the same answers from DuckDB, BigQuery and Snowflake. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeAuthored } from "./author-project.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, duckdb, fakesnow, type Place, type Started } from "./places.ts";
import { startShop, type Shop } from "./project.ts";
import { said } from "./said.ts";

/** An hour after the newest order, less a quarter of a second. */
const asOf = ["--vars", "as_of=2026-03-01T06:00:00Z"];

function asking({ name: place, type, start }: Place): void {
  let started: Started;
  let shop: Shop;
  beforeAll(async () => {
    started = await start();
    shop = await startShop(started);
    await writeAuthored(shop);
  });
  afterAll(async () => {
    await shop.close();
    await started.stop();
  });

  /** Exit code and what was said. */
  const run = async (...words: readonly string[]) => {
    const { stdout, stderr, exit } = await shop.millrace(words);
    return [exit, ...said(stdout), ...said(stderr)].filter((line) => line !== "");
  };
  const failures = async (test: string) =>
    (await readFile(path.join(shop.root, "target/failures", `${test}.csv`), "utf8")).trimEnd().split("\n");

  describe(place, { timeout: 600_000 }, () => {
    it("test: unit tests, tests of data and of audiences, freshness", async () => {
      const ran = (test: string) => `    SQL that ran: target/compiled/${test}.sql`;
      const kept = (test: string, masked = "") => `    failing rows: target/failures/${test}.csv (1 row${masked})`;
      expect(await run("test", ...asOf, "--store-failures")).toEqual([
        1,
        "✔ 8 passed  ✘ 10 failed",
        "✘ unit  buyers › breaks  models/models.yml:32",
        "    the rows are not as expected",
        "    1 row differs (key id)",
        "    id │ orders",
        "    ───┼───────────",
        "    1  │ expected 7",
        "       │ actual  0",
        "    missing rows: 0 · unexpected rows: 0 · columns compared: id, orders",
        ran("unit/buyers_breaks"),
        "✘ data  customers.email › accepted_values  models/models.yml:11",
        "    1 row with another value (limit 0)",
        "    First 1, masked:",
        "      c•••@example.com ×1",
        kept("customers.email_accepted_values", ", masked"),
        ran("data/customers.email_accepted_values"),
        "✘ data  orders.customer › relationships  models/models.yml:16",
        "    1 row without a row over there (limit 0)",
        "    First 1:",
        "      9 ×1",
        kept("orders.customer_relationships"),
        ran("data/orders.customer_relationships"),
        "✘ data  orders.customer › accepted_values  models/models.yml:16",
        "    1 row with another value (limit 0)",
        "    First 1:",
        "      9 ×1",
        kept("orders.customer_accepted_values"),
        ran("data/orders.customer_accepted_values"),
        "✘ data  orders › row_count  models/models.yml:18",
        "    3 rows, expected at most 2",
        kept("orders_row_count", ", masked"),
        ran("data/orders_row_count"),
        "✘ data  orders › expression  models/models.yml:19",
        "    1 row for which it does not hold (limit 0)",
        kept("orders_expression", ", masked"),
        ran("data/orders_expression"),
        "✘ data  orders › freshness  models/models.yml:20",
        "    newest at is TIME, 59 min old; at most 30min is allowed",
        ran("data/orders_freshness"),
        "✘ data  orders › unique  models/models.yml:21",
        "    1 duplicate value (limit 0)",
        "    First 1, masked:",
        "      [••• ×2",
        kept("orders_unique", ", masked"),
        ran("data/orders_unique"),
        "✘ audience rich › subset_of french  models/models.yml:43",
        "    1 people are not in french",
        "    person P1",
        ran("audience/rich_subset_of_french"),
        "✘ audience vip › contains  models/models.yml:42",
        "    1 of 2 named people are not in",
        "    person P2",
        ran("audience/vip_contains"),
        `18 tests in SECONDS on ${type}.`,
      ]);
      expect(await failures("orders.customer_relationships")).toEqual(["value,n", "9,1"]);
      expect(await failures("customers.email_accepted_values")).toEqual(["value,n", "c•••@example.com,1"]);
    });

    it("test --update takes what unit tests give", async () => {
      const after = ["✔ 2 passed", `2 tests in SECONDS on ${type}.`];
      const updated = "updated models/models.yml: buyers › breaks";
      expect(await run("test", "buyers", "--unit", "--update")).toEqual([0, ...after, updated]);
      expect(await run("test", "buyers", "--unit")).toEqual([0, ...after]);
    });

    it("test tells sources that are old", async () => {
      const [, ...lines] = await run("test", "source:raw.orders", "--data", "--vars", "as_of=2026-03-05T06:00:00Z");
      expect(lines).toContain("    newest at is TIME, 4 d 0 h old; at most 2d is allowed");
    });

    it("show", async () => {
      expect(await run("show", "orders", "--columns", "id,paid,at,day,extra")).toEqual([
        0,
        "id  paid  at  day  extra",
        '10  true  TIME  2026-02-27  {"a":[1,2]}',
        "11  true  TIME  2026-02-28  NULL",
        '12  false  TIME  2026-03-01  {"b":"x"}',
        "3 rows of orders",
      ]);
      expect(await run("show", "rich", "--format", "csv", "--limit", "1")).toEqual([
        0,
        "id,name,email,country,spent",
        "1,Ada,a•••@example.com,FR,250",
      ]);
      expect(await run("show", "vip", "--columns", "email", "--reveal-pii")).toEqual([
        0,
        "email",
        "ada@example.com",
        "bo@example.com",
        "2 rows of vip",
      ]);
      expect(await run("show", "french", "--format", "ndjson")).toEqual([0, '{"id":1}', '{"id":2}']);
      expect(await run("show", "buyers", "--count")).toEqual([0, "3"]);
    });

    it("overlap", async () => {
      expect(await run("overlap", "vip", "rich", "french")).toEqual([
        0,
        "of  people  also in french  also in rich  also in vip",
        "french  2  1 (50 %)  2 (100 %)",
        "rich  2  1 (50 %)  1 (50 %)",
        "vip  2  2 (100 %)  1 (50 %)",
      ]);
    });

    it("validate --online", async () => {
      expect(await run("validate", "--online")).toEqual([0, "Checked 8 files in SECONDS: 0 errors, 0 warnings."]);
      await shop.edit("models/rich.audience.sql", "spent >", "spend >");
      const [exit, , message, at] = await run("validate", "--online");
      expect([exit, message, at]).toEqual([
        1,
        expect.stringContaining("error[E702]"),
        expect.stringContaining("models/rich.audience.sql:1"),
      ]);
    });
  });
}

for (const place of [duckdb, bqemulator, fakesnow]) where(place.name, place.needs, () => asking(place));
