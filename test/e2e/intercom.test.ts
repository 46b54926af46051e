/** Events of Intercom through the real engine: each is sent once, whatever happens to its answer. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type IntercomState, startFakeIntercom } from "../fakes/intercom.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

let fake: Fake<IntercomState>;
let lab: Lab;

beforeEach(async () => {
  fake = await startFakeIntercom({ token: env.LAB_TOKEN });
  fake.state.contacts.set("c1", { role: "user", external_id: "7", custom_attributes: {} });
  lab = await startLab({
    "models/orders.sql": "select * from {{ ref('orders_export') }}\n",
    "models/models.yml": `seeds:
  - name: orders_export
    column_types: { id: bigint, customer: varchar, ordered_at: timestamp, sku: varchar }
models:
  - { name: orders, primary_key: id }
syncs:
  - name: orders_to_intercom
    model: orders
    destination: intercom
    object: event
    mode: append
    rejected_rows: { warn: 100%, fail: 100% }
    identifiers: { external_id: customer }
    mappings:
      - { to: event_name, value: ordered }
      - { to: created_at, from: ordered_at }
      - { to: sku, from: sku }
`,
    "destinations/intercom.yml": `destination: intercom
type: intercom
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ${network(fake.url)} }
${gently}
`,
  });
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

const order = (id: number, customer = "7") => ({ id, customer, ordered_at: `2026-01-0${id} 03:04:05`, sku: `a-${id}` });
const sent = () => fake.state.events.map((event) => (event as { metadata: { sku: string } }).metadata.sku);
const run = async () => {
  const { status, outcomes } = await lab.run("orders_to_intercom");
  return [status, ...Object.entries(outcomes).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))];
};

it("sends each event once, new ones later, and none again that changed", async () => {
  await lab.seed("orders_export", [order(1), order(2)]);
  expect(await run()).toEqual(["ok", "2 accepted"]);
  expect(fake.state.events[0]).toEqual({
    event_name: "ordered",
    created_at: Date.parse("2026-01-01T03:04:05Z") / 1000,
    user_id: "7",
    metadata: { sku: "a-1" },
  });
  await lab.seed("orders_export", [{ ...order(1), sku: "b" }, order(2), order(3)]);
  expect(await run()).toEqual(["ok", "1 accepted"]);
  expect(sent()).toEqual(["a-1", "a-2", "a-3"]);
});

it("refuses events of nobody that Intercom knows, and sends the others", async () => {
  await lab.seed("orders_export", [order(1), order(2, "99"), order(3)]);
  expect(await run()).toEqual(["partial", "2 accepted", "1 rejected"]);
  expect(sent().toSorted()).toEqual(["a-1", "a-3"]);
});

it("holds the one event in doubt whose answer was lost, and does not send it again", async () => {
  await lab.seed("orders_export", [order(1), order(2), order(3)]);
  fake.fail({ on: "POST /events", containing: ["a-2"], applied: "reset" });
  expect(await run()).toEqual(["partial", "2 accepted", "1 unknown"]);
  await run();
  expect(sent().toSorted()).toEqual(["a-1", "a-2", "a-3"]);
});
