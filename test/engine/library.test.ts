/** A sync of people that a library call finds: sent like any other, stopped by tests of what the call reads. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
  await shop.write(
    "models/payments.sql",
    "select id as payer, date '2026-02-20' as paid_on, spent from {{ ref('people') }}",
  );
  await shop.write(
    "models/customers.sql",
    `select p.*, m.count_30d from {{ ref('people') }} p
join {{ ref('millrace.rolling_metrics', events='payments', key='payer', at='paid_on', amount='spent') }} m
  on m.payer = p.id`,
  );
});
afterEach(() => shop.close());

it("sends whom it finds, as of the run", async () => {
  const { document } = await shop.sync();
  expect(document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 3 } });
  shop.now = Date.parse("2028-03-01T06:00:00Z");
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 0, remove: 3 } });
});

it("is stopped (G10) by a data test of a model that the call reads", async () => {
  await shop.write(
    "models/payments.yml",
    "models: [ { name: payments, data_tests: [ { expression: { expression: 'spent < 300' } } ] } ]\n",
  );
  const { document } = await shop.sync({ skipTests: false });
  expect(document.syncs[0]).toMatchObject({
    status: "stopped",
    guards: expect.arrayContaining([expect.objectContaining({ code: "G10", ok: false })]),
  });
});
