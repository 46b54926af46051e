/** Targets that a platform makes only with their first rows, through the real engine: Pinterest's customer lists. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Fake } from "../fakes/server.ts";
import { type PinterestState, startFakePinterest } from "../fakes/pinterest.ts";
import { writes, type Lab } from "./platforms/lab.ts";
import { crowd, rowOf } from "./platforms/people.ts";
import pinterest from "./platforms/built-in/pinterest.ts";
import { startPlatforms } from "./platforms/platforms.ts";

const [platform] = pinterest;
let fake: Fake<PinterestState>;
let lab: Lab;
beforeEach(async () => {
  fake = await startFakePinterest();
  lab = await startPlatforms([{ platform: platform!, url: fake.url }]);
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

async function wanting(count: number): Promise<string> {
  await lab.seed("people", crowd(count).map(rowOf), ["id", "email", "phone", "name", "points"]);
  const { status, error } = await lab.run("pinterest_audience");
  return error === null ? status : `${status} ${error.code}`;
}

const sizes = () => fake.state.lists.map(({ name, members }) => [name, members.size]);

it("makes the list and its audience in the first run, and finds them again in later ones", async () => {
  expect(await wanting(5)).toBe("ok");
  expect([sizes(), fake.state.audiences.length]).toEqual([[["Everybody", 5]], 1]);
  expect(await wanting(5)).toBe("unchanged");
  expect(await wanting(3)).toBe("ok");
  expect([sizes(), fake.state.audiences.length]).toEqual([[["Everybody", 3]], 1]);
  expect(writes(fake).filter((write) => write.startsWith("POST") && !write.endsWith("/oauth/token"))).toEqual([
    "POST /v5/ad_accounts/549/customer_lists",
    "POST /v5/ad_accounts/549/audiences",
  ]);
});

it("makes no second list where the answer to the first was lost", async () => {
  fake.fail({ on: "POST /v5/ad_accounts/549/customer_lists", applied: "reset", times: 4 });
  expect(await wanting(5)).toBe("partial");
  fake.heal();
  expect(await wanting(6)).toBe("ok");
  expect(sizes()).toEqual([["Everybody", 6]]);
});

it("does not fill a list anew with the changes of one run after it was deleted", async () => {
  await wanting(5);
  fake.state.lists.splice(0);
  expect(await wanting(7)).toBe("failed E811");
  expect(sizes()).toEqual([]);
});
