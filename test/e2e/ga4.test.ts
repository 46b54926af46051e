/** Events, which the test of all platforms has no words for: each once, held where nobody knows whether it arrived. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Ga4State, startFakeGa4 } from "../fakes/ga4.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, writes, type Lab } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

let fake: Fake<Ga4State>;
let lab: Lab;
beforeEach(async () => {
  fake = await startFakeGa4(env.LAB_TOKEN);
  lab = await startLab({
    "models/orders.sql": "select * from {{ ref('sales') }}\n",
    "models/models.yml": `seeds:
  - name: sales
    column_types: { id: bigint, client: varchar, at: varchar, value: double }
models:
  - { name: orders, primary_key: id }
syncs:
  - name: purchases
    model: orders
    destination: analytics
    object: event
    mode: append
    identifiers: { client_id: client }
    rejected_rows: { warn: 100%, fail: 100% }
    mappings:
      - { to: name, from: event }
      - { to: timestamp, from: at }
      - { to: transaction_id, from: id }
      - { to: value, from: value }
`,
    "destinations/analytics.yml": `destination: analytics
type: ga4
credentials: { api_secret: "\${env:LAB_TOKEN}" }
config: { stream: G-TEST1, ${network(fake.url)} }
${gently}`,
  });
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

const sale = (id: number, more = {}) => ({
  id,
  client: `${id % 2}.1`,
  event: "purchase",
  at: new Date(Date.now() - 3_600_000).toISOString(),
  value: id / 2,
  ...more,
});
const kept = () => fake.state.events.map(({ params }) => params["transaction_id"]).toSorted();

it("sends every event once, names refused ones, and holds those it cannot know of", async () => {
  await lab.seed("sales", [sale(1), sale(2), sale(3, { event: "ad_click" })]);
  expect((await lab.run("purchases")).outcomes).toMatchObject({ accepted: 2, rejected: 1 });
  expect(kept()).toEqual([1, 2]);
  const before = fake.requests.length;
  await lab.run("purchases");
  expect(writes(fake, before)).toEqual([]);
  fake.fail({ on: "POST /mp/collect", applied: "reset", times: 4 });
  await lab.seed("sales", [sale(1), sale(2), sale(4)]);
  expect((await lab.run("purchases")).outcomes).toMatchObject({ accepted: 0, unknown: 1 });
  fake.heal();
  await lab.run("purchases");
  expect(kept()).toEqual([1, 2, 4]);
});

it("holds nothing for a validation server that does not answer", async () => {
  await lab.seed("sales", [sale(1)]);
  fake.fail({ on: "/debug/", applied: "reset", times: 9 });
  expect((await lab.run("purchases")).outcomes).toMatchObject({ accepted: 0, unknown: 0, unsent: 1 });
  fake.heal();
  expect((await lab.run("purchases")).outcomes).toMatchObject({ accepted: 1 });
  expect(kept()).toEqual([1]);
});
