/** A destination that loses answers, applies half, throttles or refuses; a model that fails or reads half (F20, F21, F23, F24, F34, P8). */
import { afterEach, beforeEach, expect, it } from "vitest";
import { openShop, range, type Shop } from "./support/shop.ts";
import type { Reaction } from "./support/door.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.people(range(1, 6));
});
afterEach(() => shop.close());

/** What one run does, and that the run after a clean one sends nothing. */
async function expectRightAfter(first: number, requests: number): Promise<void> {
  const { exit, stdout, stderr } = await shop.sync();
  expect({ exit, said: exit === first ? "" : stdout + stderr }).toEqual({ exit: first, said: "" });
  expect(shop.door.knocks.length).toBe(requests);
  shop.door.react(() => ({}));
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.members).toEqual(range(1, 6));
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks).toEqual([]);
}

const once =
  (reaction: Reaction) =>
  (_: unknown, number: number): Reaction =>
    number === 1 ? reaction : {};

it.each([
  ["applies a batch and loses the answer", { reset: true }, 4],
  ["applies half a batch and loses the answer", { applied: 1, reset: true }, 4],
  ["resets before it applies", { applied: 0, reset: true }, 4],
  ["answers 500", { status: 500 }, 4],
  ["applies and answers 502", { applied: 2, status: 502 }, 4],
  ["answers 429 with Retry-After", { status: 429, headers: { "retry-after": "1" } }, 4],
  [
    "answers 503 with a date long gone",
    { status: 503, headers: { "retry-after": "Fri, 01 Jan 2021 00:00:00 GMT" } },
    4,
  ],
] as const)("one that %s gets the same batch again in the same run", async (_, reaction, requests) => {
  shop.door.react(once(reaction));
  await expectRightAfter(0, requests);
});

it("waits as long as Retry-After asks", async () => {
  const at: number[] = [];
  shop.door.react((_, number) => {
    at.push(performance.now());
    return number === 1 ? { status: 429, headers: { "retry-after": "2" } } : {};
  });
  expect((await shop.sync()).exit).toBe(0);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(1990);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeLessThan(6000);
});

it.each([401, 403, 404, 410])("stops the sync at %i without a storm, and goes on when it is mended", async (status) => {
  await shop.people(range(1, 30));
  shop.door.react(() => ({ status }));
  const { exit, stdout, stderr } = await shop.sync();
  expect(exit).toBe(1);
  // Fifteen batches are planned, one request travels at a time: three wait for their turn when the first answer comes.
  expect(shop.door.knocks.length).toBe(1);
  expect(stdout + stderr).toMatch(/E8\d\d/);
  shop.door.react(() => ({}));
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.members).toEqual(range(1, 30));
});

it("a row refused by 207 does not hold the others back", async () => {
  shop.door.react(({ keys }) =>
    keys.includes(3)
      ? {
          applied: 0,
          status: 207,
          body: {
            results: keys.map((key) =>
              key === 3 ? { status: 422, code: "bad_city", message: "no such city" } : { status: 200 },
            ),
          },
        }
      : {},
  );
  const { exit, stdout } = await shop.sync();
  expect(exit).toBe(0);
  expect(stdout).toContain("no such city");
});

it.each([
  [
    "fails at a row",
    "select id, email, cast(cast(email as integer) as varchar) as city from {{ source('shop', 'customers') }}\n",
  ],
  [
    "fails late",
    "select id, email, if(id = 5, error('half read'), city) as city from {{ source('shop', 'customers') }}\n",
  ],
  ["reads a column that is gone", "select *, missing_column from {{ source('shop', 'customers') }}\n"],
] as const)("a model that %s removes nobody", async (_, sql) => {
  expect((await shop.sync()).exit).toBe(0);
  shop.door.forget();
  await shop.people(range(4, 6));
  await shop.file("models/customers.sql", sql);
  const { exit, stdout, stderr } = await shop.sync();
  expect({ exit, requests: shop.door.knocks.length, members: shop.door.members }).toEqual({
    exit: 1,
    requests: 0,
    members: range(1, 6),
  });
  expect(stdout + stderr).toMatch(/E[247]\d\d/);
  await shop.file("models/customers.sql", "select * from {{ source('shop', 'customers') }}\n");
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.members).toEqual(range(4, 6));
});

it.each([
  ["cut in the middle of a line", 'id,email,city\n1,person1@example.com,Lyon\n2,"pers', 1],
  ["empty but for its header", "id,email,city\n", 3],
] as const)("a source file %s removes nobody", async (_, csv, expected) => {
  expect((await shop.sync()).exit).toBe(0);
  shop.door.forget();
  await shop.seed(csv);
  const { exit } = await shop.sync();
  expect({ exit, requests: shop.door.knocks.length, members: shop.door.members }).toEqual({
    exit: expected,
    requests: 0,
    members: range(1, 6),
  });
});
