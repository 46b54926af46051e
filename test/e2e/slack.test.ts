/** Messages are events: the platforms' test speaks of records and memberships, so Slack has one of its own. */
import { afterEach, expect, it } from "vitest";
import { startFakeSlack, type SlackState } from "../fakes/slack.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab } from "./platforms/lab.ts";

let lab: Lab;
let fake: Fake<SlackState>;
afterEach(async () => {
  await lab?.close();
  await fake?.close();
});

async function start(config: string, credentials: string): Promise<void> {
  fake = await startFakeSlack({ token: env.LAB_TOKEN, path: "/services/T1/B1/secret" });
  lab = await startLab({
    "models/customers.sql": "select * from {{ ref('people') }}\n",
    "models/models.yml": `seeds:
  - { name: people, column_types: { id: bigint, name: varchar, channel: varchar } }
models:
  - { name: customers, primary_key: id }
syncs:
  - name: there
    model: customers
    destination: there
    object: message
    mode: append
    rejected_rows: { warn: 100%, fail: 100% }
    mappings: [{ to: text, template: "{{ name }} joined" }, { to: channel, from: channel }]
`,
    "destinations/there.yml": `destination: there
type: slack
credentials: { ${credentials} }
config: { base_url: "${fake.url}", allow_private_network: true, ${config} }
`,
  });
}
const seed = (...names: string[]) =>
  lab.seed(
    "people",
    names.map((name, id) => ({ id, name, channel: name === "Cy" ? "#gone" : null })),
  );
const texts = () => fake.state.messages.map(({ channel, text }) => `${channel} ${text}`);

it("posts each message once, names what Slack refuses with HTTP 200", async () => {
  await start("channel: C1", 'token: "${env:LAB_TOKEN}"');
  await seed("Ann", "Bob", "Cy");
  const { document } = await lab.sync();
  expect(document.syncs[0]).toMatchObject({ status: "partial", outcomes: { accepted: 2, rejected: 1 } });
  expect((await lab.rejected(document.run_id)).map(({ code }) => code)).toEqual(["channel_not_found"]);
  await seed("Ann", "Bob", "Cy", "Di");
  await lab.sync();
  expect(texts()).toEqual(["C1 Ann joined", "C1 Bob joined", "C1 Di joined"]);
});

it("never repeats a message whose answer was lost", async () => {
  await start("channel: C1", 'token: "${env:LAB_TOKEN}"');
  fake.fail({ on: "postMessage", applied: "reset" });
  await seed("Ann");
  expect((await lab.run("there")).outcomes).toMatchObject({ unknown: 1 });
  lab.pass(3_600_000);
  await lab.run("there");
  expect(texts()).toEqual(["C1 Ann joined"]);
});

it("posts through an incoming webhook, whose secret address is in no event", async () => {
  env.LAB_SECRET = "https://hooks.slack.com/services/T1/B1/secret";
  await start("by: webhook", 'webhook: "${env:LAB_SECRET}"');
  await seed("Ann");
  expect((await lab.run("there")).status).toBe("ok");
  expect(texts()).toEqual(["webhook Ann joined"]);
  expect(JSON.stringify(lab.events)).not.toContain("T1/B1");
});

it("stops for a token that is no longer good", async () => {
  await start("channel: C1", 'token: "${env:LAB_REFRESH}"');
  await seed("Ann");
  expect(await lab.run("there")).toMatchObject({ status: "failed", error: { code: "E812" } });
  expect(texts()).toEqual([]);
});
