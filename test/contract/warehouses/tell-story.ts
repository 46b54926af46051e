/** Tells a story of whole syncs in a warehouse: runs its days, checks each, and gives what became of them to be compared. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import { MillraceError } from "../../../src/errors.ts";
import { runSyncs } from "../../../src/engine/index.ts";
import { freeLock, lockHolder } from "../../../src/engine/environment-lock.ts";
import { withLedger } from "../../../src/engine/open-ledger.ts";
import { sentTable } from "../../../src/ledger/tables.ts";
import { startFakeKlaviyo, type KlaviyoState } from "../../fakes/klaviyo.ts";
import type { Fake } from "../../fakes/server.ts";
import type { Started } from "../../warehouses/places.ts";
import { type Shop, startShop } from "../../warehouses/project.ts";
import { dieWhen, mortalPorts, revive } from "./crash.ts";
import type { Day, Held, Row, Story } from "./whole-syncs.ts";

/** What a day left: how its run ended, the platform with identifiers, the ledger. */
export type Told = readonly unknown[];

const columns = { id: "integer", name: "text", email: "text", country: "text", spent: "integer" } as const;

const models = (story: Story, schema: string): string => {
  const { audience, segments = "", sync = story.events ? "mode: append" : "mode: mirror" } = story;
  const source = audience === undefined ? "model: customers" : "audience: some";
  const mappings = story.events
    ? "[{ to: metric, value: Seen }, { to: time, value: 2026-03-01T06:00:00Z }, { to: title, from: name }]"
    : "[{ to: name, from: name }]";
  const object = story.events ? "event, identifiers: { email: email }" : sync.includes("upsert") ? "record" : "member";
  return `sources:
  - { name: raw, schema: ${schema}, tables: [{ name: people }] }
models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
${segments}${audience === undefined ? "" : `audiences: [{ name: some, model: customers, where: { ${audience} } }]\n`}syncs:
  - { name: story, ${source}, destination: hook, object: ${object}, ${sync}, mappings: ${mappings} }
`;
};

/** Two rows a request and one request at a time: all warehouses ask the same in the same order. */
const hook = (url: string): string => `destination: hook
type: webhook
late: 0s
retry: { attempts: 1 }
rate_limit: { requests: 1000, per: 1s, concurrency: 1 }
config: { url: "${url}/in", rows: 2, allow_private_network: true }
`;
const events = (url: string): string => `destination: hook
type: klaviyo
late: 0s
rate_limit: { requests: 1000, per: 1s, concurrency: 1 }
credentials: { api_key: "\${env:STORY_KEY}" }
config: { base_url: "${url}", allow_private_network: true }
`;

const env = { STORY_KEY: "invented" };

interface Platform {
  readonly fake: Fake<unknown>;
  held(): Held;
  /** With what people are known by. */
  whole(): unknown;
  refuse(keys: readonly string[]): void;
}

async function platformOf(story: Story, shop: Shop): Promise<Platform> {
  if (story.events !== true) {
    const { state } = shop.receiver;
    return {
      fake: shop.receiver,
      held: () => Object.fromEntries([...state.members].map(([key, { fields }]) => [key, fields])),
      whole: () => [...state.members].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      refuse(keys) {
        state.refuse.clear();
        for (const key of keys) state.refuse.set(key, { code: "no", message: "not this one" });
      },
    };
  }
  const fake: Fake<KlaviyoState> = await startFakeKlaviyo({ key: env.STORY_KEY });
  await shop.write("destinations/hook.yml", events(fake.url));
  const all = () => [...fake.state.events.values()];
  const emailOf = (event: any): string => event.profile.email;
  return {
    fake,
    held: () =>
      Object.fromEntries(all().map((event: any) => [emailOf(event).slice(1, 2), { name: event.properties.title }])),
    whole: () => all().map((event: any) => [emailOf(event), event.properties]),
    refuse: () => undefined,
  };
}

/** Runs a story; `schema`: of its own in the warehouse. */
export async function tell(story: Story, started: Started, schema: string): Promise<Told> {
  const shop = await startShop(started, schema);
  let platform: Platform | null = null;
  try {
    const { options } = shop;
    shop.options = async () => {
      const given = await options();
      return { ...given, env: { ...given.env, ...env } };
    };
    await shop.edit("millrace.yml", "Europe/Paris", "UTC");
    if (story.guards !== undefined) await shop.edit("millrace.yml", /^guards: .*$/gm, story.guards.trimEnd());
    if (story.journal !== undefined)
      await shop.edit("millrace.yml", "{ dev: { ", `{ dev: { journal: ${story.journal}, `);
    await shop.write("models/models.yml", models(story, `raw_${schema}`));
    await shop.write("destinations/hook.yml", hook(shop.receiver.url));
    platform = await platformOf(story, shop);
    const told: unknown[] = [];
    let held: Held = {};
    for (const [at, day] of story.days.entries()) {
      const place = `${story.name}, day ${at + 1}`;
      held = day.held ?? held;
      told.push(await live(day, held, { shop, platform, place }));
    }
    const requests = platform.fake.requests.length;
    const ended = await run(shop, {});
    expect(ended, `${story.name}, the day after`).toBe("unchanged");
    expect(platform.fake.requests.length, `${story.name}, the day after`).toBe(requests);
    return told;
  } finally {
    if (platform !== null && platform.fake !== shop.receiver) await platform.fake.close();
    await shop.close();
  }
}

interface World {
  readonly shop: Shop;
  readonly platform: Platform;
  /** For messages. */
  readonly place: string;
}

async function live(day: Day, held: Held, { shop, platform, place }: World): Promise<unknown> {
  const { people, edit, refused, lost, dies } = day;
  if (people !== undefined) await shop.table("people", columns, people.map(whole));
  if (edit !== undefined) await shop.edit("models/models.yml", ...edit);
  if (refused !== undefined) platform.refuse(refused);
  const first = platform.fake.requests.length;
  if (lost === true) platform.fake.fail({ applied: "reset", containing: ['"op":"update"'] });
  let ended: string | null = null;
  if (dies === undefined) ended = await run(shop, day);
  else await die(day, { shop, platform, place });
  expect([day.ends ?? null].flat(), place).toContain(ended);
  expect(platform.held(), place).toEqual(held);
  if (dies !== undefined) return [platform.whole()];
  const ledger = await ledgerOf(shop);
  expect(ledger, place).toEqual(day.ledger ?? Object.fromEntries(Object.keys(held).map((key) => [key, "ok"])));
  return [Array.isArray(day.ends) ? day.ends : ended, platform.whole(), ledger, platform.fake.requests.length - first];
}

const whole = ([id, name, email = null, country = null, spent = null as never]: Row): readonly unknown[] => [
  id,
  name,
  email,
  country,
  spent,
];

/** A day's run: the status of its sync, or the code of what it told. */
async function run(shop: Shop, day: Day): Promise<string> {
  try {
    const { document } = await shop.sync(day.run);
    const [sync] = document.syncs;
    return sync?.status === "failed" ? (sync.error?.code ?? "failed") : (sync?.status ?? "nothing");
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.diagnostics.map(({ code }) => code).join(" ");
  }
}

async function die({ dies, diskGone, run: more }: Day, { shop, platform, place }: World): Promise<void> {
  const before = platform.fake.requests.length;
  shop.now += shop.step;
  const options = await shop.options();
  const asked = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: false, failFast: false };
  dieWhen(dies as NonNullable<typeof dies>, () => platform.fake.requests.length - before);
  await runSyncs({ ...options, ...asked, ...more, ports: mortalPorts(options.ports) }).then(
    () => undefined,
    () => undefined,
  );
  expect(revive(), `${place}: the run ended before it could die`).toBe(true);
  const holder = await lockHolder(options);
  if (holder !== null) await freeLock(options, holder.runId);
  if (diskGone === true) await rm(path.join(shop.root, ".millrace"), { recursive: true, force: true });
}

/** State of each key that is there; what has no state of its own waits for the next run. */
async function ledgerOf(shop: Shop): Promise<Readonly<Record<string, string>>> {
  return withLedger(await shop.options(), "read", async ({ warehouse, ledger, states }) => {
    const { id = "" } = states.get("story") ?? {};
    const rows = await warehouse.rows(`SELECT k, state FROM ${sentTable(ledger, id)}`);
    return Object.fromEntries(rows.map((row) => [String(row["k"]), String(row["state"])]));
  });
}
