import { afterEach, beforeEach, expect, it } from "vitest";
import { exportState, readRejected, readRuns } from "../../src/engine/index.ts";
import { impersonal } from "../../src/engine/impersonal.ts";
import { openSession } from "../../src/models/session.ts";
import { day, minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

it("has no runs and no rejected rows before the first", async () => {
  const options = await shop.options();
  expect(await readRuns({ ...options, limit: 20 })).toEqual([]);
  expect(await readRejected({ ...options, runId: "x" })).toEqual([]);
});

it("gives documents as they were, newest first", async () => {
  const first = await shop.sync();
  shop.now += day;
  const second = await shop.sync();
  const options = await shop.options();
  expect(await readRuns({ ...options, limit: 20 })).toEqual([second.document, first.document]);
  expect(await readRuns({ ...options, limit: 1 })).toEqual([second.document]);
  expect(await readRuns({ ...options, limit: 20, sync: "vip_to_hook" })).toHaveLength(2);
  expect(await readRuns({ ...options, limit: 20, sync: "other" })).toEqual([]);
});

it("finds a run by its id or either end of it, however many came after", async () => {
  const { document } = await shop.sync();
  const id = document.run_id;
  const session = await openSession((await shop.options()).project, { write: true, env: {} });
  const later = `INSERT INTO "ledger"."millrace"."runs"
SELECT run_id || '-' || i, started_at + i, finished_at, status, exit, document FROM "ledger"."millrace"."runs", range(1, 1500) t(i)`;
  await session.warehouse.execute(later).finally(() => session.close());
  const options = await shop.options();
  const found = async (of: string) => (await readRuns({ ...options, id: of, limit: 5 })).length;
  expect([await found(id), await found(id.slice(-6)), await found("-1499"), await found("nope")]).toEqual([5, 1, 1, 0]);
  expect((await readRuns({ ...options, id, limit: 1 }))[0]).toEqual(document);
});

it("gives the platform's words without the person, and keeps them when a later run has settled the row", async () => {
  shop.receiver.state.refuse.set("2", {
    code: "bad_email",
    message: "bo@example.com (+33 6 12 34 56 78) is no address",
  });
  const first = await shop.sync();
  const options = await shop.options();
  const told = await readRejected({ ...options, runId: first.document.run_id });
  expect(told).toEqual([
    {
      sync: "vip_to_hook",
      person: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      op: "add",
      code: "bad_email",
      message: "<email> (<number>) is no address",
      attempts: 1,
      dead: false,
    },
  ]);
  shop.now += 10 * minute;
  const second = await shop.sync();
  expect(await readRejected({ ...options, runId: second.document.run_id })).toEqual([{ ...told[0], attempts: 2 }]);
  expect(await readRejected({ ...options, runId: first.document.run_id })).toEqual([{ ...told[0], attempts: 2 }]);
  shop.receiver.state.refuse.clear();
  shop.now += day;
  const third = await shop.sync();
  expect(await readRejected({ ...options, runId: third.document.run_id })).toEqual([]);
  expect(await readRejected({ ...options, runId: first.document.run_id })).toEqual(told);
});

it("keeps no text of another row of the batch either, wherever words are kept", async () => {
  const message = "could not tell him from ADA of the same batch";
  shop.receiver.state.refuse.set("2", { code: "ambiguous", message });
  const events: unknown[] = [];
  const { document } = await shop.sync({ onEvent: (event) => void events.push(event) });
  const options = await shop.options();
  const words = "could not tell him from <value> of the same batch";
  expect(await readRejected({ ...options, runId: document.run_id })).toMatchObject([{ message: words }]);
  expect(document.syncs[0]!.rejections).toEqual([{ code: "ambiguous", message: words, count: 1 }]);
  const ledger = (await exportState(options)).tables.filter(({ name }) => /^(rejections__|changes$|runs$)/.test(name));
  expect(ledger.filter(({ rows }) => JSON.stringify(rows).includes(words))).toHaveLength(3);
  expect(JSON.stringify([ledger, events])).not.toContain("ADA");
});

it.each([
  ["invalid phone +33 6 12 34 56 78", [], "invalid phone <number>"],
  ["member abc-9 of list 7 unknown", ["abc-9", "7"], "member <value> of list 7 unknown"],
  ["Ada.L@example.com and ada.l", ["ada.l"], "<email> and <value>"],
])("leaves %j without the person", (message, values, expected) => {
  expect(impersonal(message, values)).toBe(expected);
});
