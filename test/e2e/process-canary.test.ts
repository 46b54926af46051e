/** Canary persons and a canary secret through success, refusal, failure and kill: no byte outside the warehouse holds them (S01, S02, P11). */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { millrace, type Finished } from "./support/cli.ts";
import { openShop, type Shop } from "./support/shop.ts";

const email = "zebulon.canary+quill@example.com";
const phone = "+33698712345";
const name = "Zébulon O'Canary";
const bearer = "k4nary/Bearer+Secret==9XQ7";
const secret = `whsec_${Buffer.from("canary-signing-secret-0123456789").toString("base64")}`;
const secretsEnv = { DOOR_BEARER: bearer, DOOR_SECRET: secret };

/** Base64 of a text wherever it begins in a longer one: the inner part of its three shifts. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.from(`${"-".repeat(shift)}${text}`)
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, -4),
  );
}

const forms = new Map(
  [email, phone, phone.slice(1), name, bearer, secret, secret.slice(6)].flatMap((canary) =>
    [
      canary,
      encodeURIComponent(canary),
      JSON.stringify(canary).slice(1, -1),
      JSON.stringify(JSON.stringify(canary).slice(1, -1)).slice(1, -1),
      canary.toLowerCase(),
      Buffer.from(canary).toString("hex"),
      ...base64Forms(canary),
    ].map((form) => [form, canary] as const),
  ),
);

/** Canaries in some bytes, with where they stand. */
function canariesIn(what: string, bytes: Buffer): readonly string[] {
  return [...forms].flatMap(([form, canary]) => {
    const at = bytes.indexOf(form);
    return at === -1 ? [] : [`${what} at byte ${at}: ${canary} as ${form}`];
  });
}

/** Ledger, seeds, run files and the outbox hold people by design (decision 14). */
const holdsPeople = (path: string): boolean => /\.duckdb(\.wal)?$|(^|\/)(seeds|outbox)\//.test(path);

async function canariesBelow(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of await readdir(root, { recursive: true })) {
    if (holdsPeople(path) || !(await stat(join(root, path))).isFile()) continue;
    found.push(...canariesIn(path, await readFile(join(root, path))), ...canariesIn("the name", Buffer.from(path)));
  }
  return found;
}

let shop: Shop;
const said: { readonly path: string; readonly finished: Finished }[] = [];

beforeAll(async () => {
  shop = await openShop({
    guards: "{ remove: off, shrink: off, growth: off }",
    credentials: 'credentials: { secret: "${env:DOOR_SECRET}", bearer: "${env:DOOR_BEARER}" }\n',
  });
  await shop.file(
    "models/models.yml",
    `sources: [{ name: shop, schema: shop, tables: [{ name: customers }] }]
seeds: [{ name: shop.customers, column_types: { id: bigint, email: varchar, phone: varchar, name: varchar, visits: bigint } }]
models: [{ name: customers, primary_key: email, identifiers: { email: email, phone: phone } }]
audiences: [{ name: everybody, model: customers, where: { field: id, gte: 1 } }]
syncs:
  - { name: everybody_to_door, audience: everybody, destination: door, object: member, mode: mirror, mappings: [{ to: name, from: name }, { to: visits, from: visits }, { to: greeting, template: "Dear {{ name }}" }] }
`,
  );
  await people(1);
});
afterAll(() => shop.close());

/** The canary's primary key is the e-mail itself: the worst case for everything that names keys. */
const people = (edition: number): Promise<void> =>
  shop.seed(`id,email,phone,name,visits\n1,${email},${phone},${name},${edition}\n`);

async function step(path: string, args: readonly string[], expected: readonly (number | null)[]): Promise<void> {
  const finished = await millrace(shop.root, args, secretsEnv);
  said.push({ path, finished });
  expect({ path, exit: finished.exit, told: expected.includes(finished.exit) ? "" : finished.stderr }).toEqual({
    path,
    exit: expect.toSatisfy((exit: number) => expected.includes(exit)),
    told: "",
  });
}

const echo = { message: `bad row ${email} ${phone} ${name}, token ${bearer}`, code: "bad_row" };

it("tells nobody", async () => {
  const { door } = shop;
  await step("plan", ["plan", "-vv"], [0]);
  await step("success", ["sync", "-vv"], [0]);
  // The platform did get them: the canaries are alive.
  expect(door.heard.join("\n")).toContain(email);
  expect(door.heard.join("\n")).toContain(bearer);

  await people(2);
  door.react(({ keys }) => ({
    applied: 0,
    status: 207,
    body: { results: keys.map(() => ({ status: 422, ...echo })) },
  }));
  await step("every row refused in words that name people", ["sync", "-vv"], [0, 4]);
  door.react(() => ({ status: 401, body: echo }));
  await people(3);
  await step("credentials refused, the token quoted", ["sync", "-vv", "--json"], [1]);
  door.react((_, number) => (number === 1 ? { status: 500, body: echo } : { status: 400, body: echo }));
  await step("the whole batch refused", ["retry"], [0, 1, 4, 64]);

  await shop.file("models/broken.sql", "select cast(email as integer) as id from {{ ref('customers') }}\n");
  await step("a value that cannot be cast", ["show", "broken"], [1]);
  await shop.file(
    "models/customers.sql",
    "select * replace (cast(cast(name as integer) as varchar) as name) from {{ source('shop', 'customers') }}\n",
  );
  await step("a model that fails on a value", ["sync", "-vv"], [1]);
  await shop.file("models/customers.sql", "select * from {{ source('shop', 'customers') }}\n");

  await people(4);
  door.react(() => ({ until: new Promise(() => undefined) }));
  const knocked = door.knocked(1);
  const killed = shop.start(secretsEnv);
  await knocked;
  killed.child.kill("SIGKILL");
  said.push({ path: "killed", finished: await killed.ended });
  const afterKill = await canariesBelow(shop.root);
  door.react(() => ({}));
  await step("recovery", ["sync", "-vv"], [0, 1]);
  await step("status", ["status", "--json"], [0, 1, 2, 3, 4]);
  await step("runs", ["runs"], [0]);

  const outputs = said.flatMap(({ path, finished }) => [
    ...canariesIn(`stdout of ${path}`, Buffer.from(finished.stdout)),
    ...canariesIn(`stderr of ${path}`, Buffer.from(finished.stderr)),
  ]);
  const files = await readdir(shop.root, { recursive: true });
  expect(files.some((file) => file.startsWith("target/"))).toBe(true);
  expect([...outputs, ...afterKill, ...(await canariesBelow(shop.root))]).toEqual([]);
});

it("finds each canary in each form", () => {
  for (const [form, canary] of forms) {
    expect(canariesIn("text", Buffer.from(`…${form}…`)).length).toBeGreaterThan(0);
    const inside = Buffer.from(`xy${canary}zz`).toString("base64");
    expect(canariesIn("text", Buffer.from(inside)).length).toBeGreaterThan(0);
  }
});
