/** `on_leave: { set }` through the real engine, at platforms that take one of several identifiers: no second record is made. */
import { afterEach, describe, expect, it } from "vitest";
import { startFakeBraze } from "../fakes/braze.ts";
import { startFakeCustomerio } from "../fakes/customerio.ts";
import { startFakeIterable } from "../fakes/iterable.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

interface Case {
  readonly name: string;
  start(): Promise<Fake<any>>;
  readonly account: string;
  readonly object: string;
  readonly identifiers: string;
  /** Whether each user is still a VIP. */
  vips(fake: Fake<any>): readonly unknown[];
}

const cases: readonly Case[] = [
  {
    name: "braze",
    start: () => startFakeBraze({ key: env.LAB_TOKEN }),
    account: `credentials: { api_key: "\${env:LAB_TOKEN}" }\nconfig: { endpoint: https://rest.iad-01.braze.com, `,
    object: "user",
    identifiers: "{ external_id: id, user_alias: email }",
    vips: ({ state }) => [...state.users.values()].map(({ vip }) => vip),
  },
  {
    name: "iterable",
    start: () => startFakeIterable({ key: env.LAB_TOKEN }),
    account: `credentials: { api_key: "\${env:LAB_TOKEN}" }\nconfig: { `,
    object: "user",
    identifiers: "{ email: email, user_id: id }",
    vips: ({ state }) => [...state.users.values()].map(({ dataFields }) => dataFields.vip),
  },
  {
    name: "customerio",
    start: () => startFakeCustomerio({ site: "site-1", key: env.LAB_TOKEN }),
    account: `credentials: { site_id: site-1, api_key: "\${env:LAB_TOKEN}" }\nconfig: { `,
    object: "person",
    identifiers: "{ cio_id: id, email: email }",
    vips: ({ state }) => [...state.people.values()].map(({ vip }) => vip),
  },
];

describe.each(cases)("$name", ({ name, start, account, object, identifiers, vips }) => {
  let fake: Fake<any>;
  let lab: Lab;
  afterEach(async () => {
    await lab.close();
    await fake.close();
  });

  it("is written to the record that there is", async () => {
    fake = await start();
    lab = await startLab({
      "models/people.sql": "select * from {{ ref('seed') }}\n",
      "models/models.yml": `seeds: [{ name: seed, column_types: { id: varchar, email: varchar } }]
models: [{ name: people, primary_key: id }]
syncs:
  - name: vips
    model: people
    destination: there
    object: ${object}
    mode: mirror
    on_leave: { set: { vip: false } }
    identifiers: ${identifiers}
    mappings: [{ to: vip, value: true }]
`,
      "destinations/there.yml": `destination: there\ntype: ${name}\n${account}${network(fake.url)} }\n${gently}\n`,
    });
    const people = ["1", "2"].map((id) => ({ id, email: `p${id}@example.com` }));
    await lab.seed("seed", people);
    expect(await lab.run("vips")).toMatchObject({ status: "ok", outcomes: { accepted: 2 } });
    await lab.seed("seed", people.slice(1));
    expect(await lab.run("vips")).toMatchObject({ status: "ok", outcomes: { accepted: 1 } });
    expect(vips(fake)).toEqual([false, true]);
  });
});
