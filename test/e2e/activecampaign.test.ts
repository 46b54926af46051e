/** A list of ActiveCampaign through the real engine: it is filled, and nobody is ever taken out of it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ActivecampaignState, startFakeActivecampaign } from "../fakes/activecampaign.ts";
import type { Fake } from "../fakes/server.ts";
import { env, type Lab, writes } from "./platforms/lab.ts";
import { ada, bo, cy, di, ed, emailOf, first, rowOf, type Person } from "./platforms/people.ts";
import { byText, gently, network } from "./platforms/platform.ts";
import { startPlatforms } from "./platforms/platforms.ts";
import platforms from "./platforms/built-in/activecampaign.ts";

let fake: Fake<ActivecampaignState>;
let lab: Lab;

beforeEach(async () => {
  fake = await startFakeActivecampaign({ token: env.LAB_TOKEN });
  const [any] = platforms;
  const list = {
    ...any!,
    name: "newsletter",
    destination: (url: string) => `type: activecampaign
credentials: { api_token: "\${env:LAB_TOKEN}" }
config: { account: lab, ${network(url)} }
${gently}`,
    sync: `object: list
    mode: upsert
    remote: { name: "Everybody" }
    identifiers: { email: email }
    mappings: [{ to: first_name, from: name }]`,
  };
  lab = await startPlatforms([{ platform: list, url: fake.url }]);
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

const run = async (people: readonly Person[]) => {
  await lab.seed("people", people.map(rowOf));
  const { status, outcomes } = await lab.run("newsletter");
  return [status, ...Object.entries(outcomes).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))];
};
const members = () =>
  byText([...fake.state.lists.get(3)!.active].map((id) => String(fake.state.contacts.get(id)?.email)));

it("fills the list by imports, stays quiet, keeps whoever leaves the model, and never asks twice", async () => {
  expect(await run(first)).toEqual(["ok", "5 accepted"]);
  expect(members()).toEqual(byText(first.map(emailOf)));
  expect(await run(first)).toEqual(["unchanged"]);
  const before = fake.requests.length;
  expect(await run([ada, bo, cy, di])).toEqual(["ok"]);
  expect(writes(fake, before)).toEqual([]);
  expect(members()).toEqual(byText(first.map(emailOf)));
});

it("names the one whom the import refused, and does not bring back who has unsubscribed", async () => {
  fake.state.refuse.add(emailOf(bo));
  expect(await run(first)).toEqual(["partial", "4 accepted", "1 rejected"]);
  const list = fake.state.lists.get(3)!;
  const [gone] = [...fake.state.contacts].find(([, { email }]) => email === emailOf(ed))!;
  list.active.delete(gone);
  list.left.add(gone);
  expect(await run([ada, bo, cy, di, { ...ed, name: "Edward" }])).toEqual(["partial", "1 accepted", "1 deferred"]);
  expect(members()).toEqual(byText([ada, cy, di].map(emailOf)));
});

it("says of an e-mail that changed that the former one cannot be taken out", async () => {
  await run([ada]);
  const moved = { ...ada, email: ["ada@example.org", "ada@example.org"] as const };
  expect(await run([moved])).toEqual(["partial", "1 rejected"]);
  expect(members()).toEqual(["ada@example.com", "ada@example.org"]);
});
