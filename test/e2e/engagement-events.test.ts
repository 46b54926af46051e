/** Events of the engagement platforms through the real engine: each is sent once, for ever; lost answers are not repeated. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BrazeState, startFakeBraze } from "../fakes/braze.ts";
import { type CustomerioState, startFakeCustomerio } from "../fakes/customerio.ts";
import { type IterableState, startFakeIterable } from "../fakes/iterable.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

interface EventPlatform {
  readonly name: string;
  start(): Promise<Fake<any>>;
  destination(url: string): string;
  readonly sync: string;
  readonly writing: string;
  /** Titles of the visits the platform counted, in order. */
  titles(fake: Fake<any>): readonly unknown[];
}

const braze: EventPlatform = {
  name: "braze",
  start: () => startFakeBraze({ key: env.LAB_TOKEN }),
  destination: (url) => `type: braze
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { endpoint: https://rest.iad-01.braze.com, ${network(url)} }`,
  sync: `identifiers: { external_id: person }
    mappings: [{ to: name, value: visit }, { to: time, from: at }, { to: title, from: title }]`,
  writing: "/users/track",
  titles: ({ state }: Fake<BrazeState>) => state.events.map((event) => Object(event["properties"]).title),
};

const iterable: EventPlatform = {
  name: "iterable",
  start: () => startFakeIterable({ key: env.LAB_TOKEN, by: "userId" }),
  destination: (url) => `type: iterable
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { project: userId, ${network(url)} }`,
  sync: `identifiers: { user_id: person }
    mappings: [{ to: name, from: title }, { to: time, from: at }, { to: title, from: title }]`,
  writing: "/events/trackBulk",
  titles: ({ state }: Fake<IterableState>) =>
    [...state.events.values()].map((event) => Object(event["dataFields"]).title),
};

const customerio: EventPlatform = {
  name: "customerio",
  start: () => startFakeCustomerio({ site: "site-1", key: env.LAB_TOKEN }),
  destination: (url) => `type: customerio
credentials: { site_id: site-1, api_key: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }`,
  sync: `identifiers: { id: person }
    mappings: [{ to: name, value: visit }, { to: time, from: at }, { to: title, from: title }]`,
  writing: "/api/v2/batch",
  titles: ({ state }: Fake<CustomerioState>) =>
    [...state.events.values()].map(({ attributes }) => attributes?.["title"]),
};

const visit = (id: number, title: string) => ({ id, person: `u${id % 2}`, at: `2026-01-02T03:04:0${id}Z`, title });
const first = [visit(1, "Heat"), visit(2, "Alien"), visit(3, "Jaws")];

describe.each([braze, iterable, customerio])("$name", (platform) => {
  let fake: Fake<any>;
  let lab: Lab;
  beforeEach(async () => {
    fake = await platform.start();
    lab = await startLab({
      "models/visits.sql": "select * from {{ ref('visits_seed') }}\n",
      "models/models.yml": `models:
  - { name: visits, primary_key: id }
syncs:
  - name: visits_out
    model: visits
    destination: there
    object: event
    mode: append
    rejected_rows: { warn: 100%, fail: 100% }
    ${platform.sync}
`,
      "destinations/there.yml": `destination: there\n${platform.destination(fake.url)}\n${gently}\n`,
    });
  });
  afterEach(async () => {
    await lab.close();
    await fake.close();
  });

  async function sync(visits: readonly ReturnType<typeof visit>[]) {
    await lab.seed("visits_seed", visits);
    const { status, outcomes } = await lab.run("visits_out");
    return { status, ...outcomes };
  }

  it("sends each event once, also when it changes or its answer is lost", async () => {
    expect(await sync(first)).toMatchObject({ status: "ok", accepted: 3 });
    expect(await sync([{ ...visit(1, "Heat"), title: "Ronin" }, visit(3, "Jaws")])).toMatchObject({ accepted: 0 });
    fake.fail({ on: platform.writing, applied: "reset", times: 9 });
    expect(await sync([...first, visit(4, "Brazil")])).toMatchObject({ status: "partial", unknown: 1 });
    fake.heal();
    await sync([...first, visit(4, "Brazil")]);
    expect(platform.titles(fake)).toEqual(["Heat", "Alien", "Jaws", "Brazil"]);
  });

  it("sends a refused event again until it is taken", async () => {
    fake.state.refuse.add("Alien");
    expect(await sync(first)).toMatchObject({ status: "partial", accepted: 2, rejected: 1 });
    fake.state.refuse.clear();
    lab.pass(25 * 3_600_000);
    expect(await sync(first)).toMatchObject({ status: "ok", accepted: 1 });
    expect(platform.titles(fake)).toEqual(["Heat", "Jaws", "Alien"]);
  });
});
