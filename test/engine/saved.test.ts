/** Decision 20: a saved plan holds while everything it was made from does. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { planSyncs } from "../../src/engine/index.ts";
import { startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
});
afterEach(() => shop.close());

const spent = `select key as id, 'A' as name, 'a@example.com' as email, 'FR' as country, sum_365d as spent
from (select * from {{ ref('millrace.rolling_metrics', events='spendings', key='key', at='at', amount='amount') }})`;

it.each([
  ["the SQL of a model", "models/customers.sql", "select * from {{ ref('people') }} where true\n"],
  ["a query above it", "models/staff.sql", "select id from {{ ref('customers') }} where name like 'Staff %'\n"],
  ["a model that now calls the library", "models/customers.sql", spent],
])("an edit of %s makes it stale", async (_what, file, text) => {
  await shop.write("models/spendings.sql", "select 1 as key, timestamp '2026-02-01 00:00:00' as at, 150 as amount");
  const saved = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  await shop.write(file, text);
  await expect(shop.sync({ planId: saved.document.id })).rejects.toMatchObject({
    diagnostics: [{ code: "E601", message: expect.stringContaining("the configuration of its syncs changed since") }],
  });
});

it("and what sends nothing else does not", async () => {
  const saved = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  await shop.write("models/spendings.sql", "select 1 as key");
  const { document } = await shop.sync({ planId: saved.document.id });
  expect(document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 3 } });
});
