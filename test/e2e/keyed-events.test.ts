/** Events of platforms that know an event again, through the real engine: a lost answer is asked for again, and counts once. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KlaviyoState, startFakeKlaviyo } from "../fakes/klaviyo.ts";
import { type MetaState, startFakeMeta } from "../fakes/meta.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

interface EventPlatform {
  readonly name: string;
  start(): Promise<Fake<any>>;
  destination(url: string): string;
  readonly sync: string;
  readonly writing: string;
  /** Titles of what the platform counted, in order. */
  titles(fake: Fake<any>): readonly unknown[];
  /** What becomes of an event of half a year ago. */
  readonly ancient: "skipped" | "accepted";
}

const meta: EventPlatform = {
  name: "meta",
  start: () => startFakeMeta({ token: env.LAB_TOKEN }),
  destination: (url) => `type: meta
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ad_account: act_1, ${network(url)} }`,
  sync: `remote: { id: "900" }
    identifiers: { email: email }
    mappings:
      - { to: event_name, value: Rental }
      - { to: event_time, from: at }
      - { to: action_source, value: website }
      - { to: title, from: title }`,
  writing: "/events",
  titles: ({ state }: Fake<MetaState>) => [...state.events.values()].map((event) => Object(event["custom_data"]).title),
  ancient: "skipped",
};

const klaviyo: EventPlatform = {
  name: "klaviyo",
  start: () => startFakeKlaviyo({ key: env.LAB_TOKEN }),
  destination: (url) => `type: klaviyo
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }`,
  sync: `identifiers: { email: email }
    mappings:
      - { to: metric, value: Rental }
      - { to: time, from: at }
      - { to: title, from: title }`,
  writing: "/api/events",
  titles: ({ state }: Fake<KlaviyoState>) =>
    [...state.events.values()].map((event) => Object(event["properties"]).title),
  ancient: "accepted",
};

const hour = 3_600_000;
const rental = (id: number, title: string, ago = hour) => ({
  id,
  email: `u${id % 2}@example.com`,
  at: new Date(Date.now() - ago).toISOString(),
  title,
});

describe.each([meta, klaviyo])("$name", (platform) => {
  let fake: Fake<any>;
  let lab: Lab;
  beforeEach(async () => {
    fake = await platform.start();
    lab = await startLab({
      "models/rentals.sql": "select * from {{ ref('rentals_seed') }}\n",
      "models/models.yml": `models:
  - { name: rentals, primary_key: id }
syncs:
  - name: rentals_out
    model: rentals
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

  async function sync(rentals: readonly ReturnType<typeof rental>[]) {
    await lab.seed("rentals_seed", rentals);
    const { status, outcomes } = await lab.run("rentals_out");
    return { status, ...outcomes };
  }
  const sent = () => fake.requests.filter(({ path }) => path.includes(platform.writing));

  it("sends each event once, and again under its old id when its answer was lost", async () => {
    const three = [rental(1, "Heat"), rental(2, "Alien"), rental(3, "Jaws")];
    expect(await sync(three)).toMatchObject({ status: "ok", accepted: 3 });
    expect(await sync([{ ...three[0]!, title: "Ronin" }, ...three.slice(1)])).toMatchObject({ accepted: 0 });
    const four = [...three, rental(4, "Brazil")];
    fake.fail({ on: platform.writing, applied: "reset", times: 9 });
    expect(await sync(four)).toMatchObject({ status: "partial", unknown: 1 });
    fake.heal();
    const before = sent().length;
    await sync(four);
    expect(sent().length).toBe(before + 1);
    expect(sent().at(-1)?.text).toBe(sent().at(-2)?.text);
    await sync(four);
    expect(sent().length).toBe(before + 1);
    expect(platform.titles(fake)).toEqual(["Heat", "Alien", "Jaws", "Brazil"]);
  });

  it("finds the event that spoils a request, and sends it again once it is taken", async () => {
    fake.state.refuse.add("Alien");
    const three = [rental(1, "Heat"), rental(2, "Alien"), rental(3, "Jaws")];
    expect(await sync(three)).toMatchObject({ status: "partial", accepted: 2, rejected: 1 });
    fake.state.refuse.clear();
    lab.pass(25 * hour);
    expect(await sync(three)).toMatchObject({ status: "ok", accepted: 1 });
    expect([...platform.titles(fake)].toSorted()).toEqual(["Alien", "Heat", "Jaws"]);
  });

  it("leaves events alone that the platform would refuse for their age", async () => {
    const outcome = await sync([rental(1, "Metropolis", 4000 * hour), rental(2, "Alien")]);
    expect(outcome).toMatchObject(platform.ancient === "skipped" ? { skipped: 1, accepted: 1 } : { accepted: 2 });
  });
});
