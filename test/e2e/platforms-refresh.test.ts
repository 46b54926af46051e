/** Memberships that lapse at the platform by themselves are sent again before they do (R39), and those that are told to be. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { objectOf } from "../../src/engine/account.ts";
import { planSyncs } from "../../src/engine/index.ts";
import type { Fake } from "../fakes/server.ts";
import { writes, type Lab } from "./platforms/lab.ts";
import { first, rowOf } from "./platforms/people.ts";
import type { Platform } from "./platforms/platform.ts";
import { platforms, startPlatforms } from "./platforms/platforms.ts";

const day = 86_400_000;
let lab: Lab;
let fake: Fake<any>;
afterEach(async () => {
  await lab.close();
  await fake.close();
});

async function filled(platform: Platform, edit: (models: string) => string = (models) => models): Promise<void> {
  fake = await platform.start();
  lab = await startPlatforms([{ platform, url: fake.url }]);
  const file = join(lab.root, "models/models.yml");
  await writeFile(file, edit(await readFile(file, "utf8")));
  await lab.seed("people", first.map(rowOf));
  expect((await lab.run(platform.name)).outcomes.accepted).toBe(first.length);
}

/** How long a membership lasts at the platform, milliseconds. */
async function lifeOf({ name }: Platform): Promise<number | undefined> {
  const { project } = await lab.options();
  const { spec } = project.syncs.get(name)!;
  return objectOf(project.destinations.get(spec.destination)!, spec.object)?.expiresMs;
}

/** Tokens, and asking how large the target is, are nobody's membership. */
const writing = ({ writing: part }: Platform, from: number): readonly string[] =>
  writes(fake, from).filter((request) => request.includes(part));

async function staysQuiet(platform: Platform): Promise<void> {
  const before = fake.requests.length;
  expect((await lab.run(platform.name)).status).toBe("unchanged");
  expect(writing(platform, before)).toEqual([]);
}

/** The plan says why, everybody travels once more, and the next run sends nothing. */
async function isSentAgain(platform: Platform): Promise<void> {
  const { name } = platform;
  const { document } = await planSyncs({ ...(await lab.options()), save: false, sampleRows: 9 });
  const why = new Set(document.syncs[0]!.sample.map(({ because }) => because));
  expect([document.syncs[0]!.planned.add, [...why]]).toEqual([first.length, ["the membership would lapse soon"]]);
  const before = fake.requests.length;
  expect((await lab.run(name)).outcomes.accepted).toBe(first.length);
  expect(writing(platform, before)).not.toEqual([]);
  const sent = fake.requests
    .slice(before)
    .map(({ text }) => text)
    .join("\n");
  expect(first.filter((person) => !sent.includes(platform.mark(person)))).toEqual([]);
  expect(platform.held(fake)).toEqual(platform.desired(first, first));
  await staysQuiet(platform);
}

const lapsing = new Set([
  "google_audience",
  "google_ads_audience",
  "microsoft_ads_audience",
  "tiktok_file_audience",
  "x_audience",
]);

describe.each(platforms.filter(({ name }) => lapsing.has(name)))("memberships of $name", (platform) => {
  it("are sent again before they lapse, and not sooner", async () => {
    await filled(platform);
    const life = await lifeOf(platform);
    expect(life).toBeGreaterThan(0);
    lab.pass(life! * 0.79);
    await staysQuiet(platform);
    lab.pass(life! * 0.17);
    await isSentAgain(platform);
  });
});

it("are sent again when the sync says so: Meta forgets ids of one's own after 90 days", async () => {
  const platform = platforms.find(({ name }) => name === "meta_audience")!;
  await filled(platform, (models) => models.replace("mode: mirror", "mode: mirror\n    refresh: 60d"));
  expect(await lifeOf(platform)).toBeUndefined();
  lab.pass(59 * day);
  await staysQuiet(platform);
  lab.pass(2 * day);
  await isSentAgain(platform);
});
