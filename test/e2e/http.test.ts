/** An API described in YAML whose contacts are made one by one, looked for first, through the real engine. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ContactsState, startContactsApi } from "../fakes/contacts-api.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab, writes } from "./platforms/lab.ts";

let lab: Lab;
let fake: Fake<ContactsState>;
const body = `{ shop: "{{ key }}", name: "{{ fields.name }}" }`;
beforeEach(async () => {
  fake = await startContactsApi(env.LAB_TOKEN);
  lab = await startLab({
    "models/customers.sql": "select * from {{ ref('people') }}\n",
    "models/models.yml": `seeds:
  - { name: people, column_types: { id: bigint, name: varchar } }
models:
  - { name: customers, primary_key: id }
syncs:
  - name: there
    model: customers
    destination: there
    object: record
    mode: mirror
    on_leave: delete
    rejected_rows: { warn: 100%, fail: 100% }
    mappings: [{ to: name, from: name }]
`,
    "destinations/there.yml": `destination: there
type: http
credentials: { bearer: "\${env:LAB_TOKEN}" }
config:
  url: "${fake.url}/v1/"
  allow_private_network: true
  find: { method: GET, path: "/contacts?shop={{ key }}", id: /data/0/id }
  add: { method: POST, path: /contacts, json: ${body}, id: /data/id }
  update: { method: PUT, path: "/contacts/{{ remote_id }}", json: ${body} }
  remove: { method: DELETE, path: "/contacts/{{ remote_id }}" }
  answer: { code: /error/code, message: /error/message }
late: 0s
retry: { attempts: 4, deadline: 10min }
`,
  });
});
afterEach(async () => {
  await lab?.close();
  await fake?.close();
});
const seed = (...names: string[]) =>
  lab.seed(
    "people",
    names.flatMap((name, index) => (name === "" ? [] : [{ id: index + 1, name }])),
    ["id", "name"],
  );
const held = () =>
  [...fake.state.contacts.values()].map(({ shop, name }) => `${String(shop)} ${String(name)}`).toSorted();

it("makes, changes under the remembered id, and removes", async () => {
  fake.state.contacts.set("old", { shop: 2, name: "was there" });
  await seed("Ann", "Bob", "Cy");
  expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 3 } });
  expect(held()).toEqual(["1 Ann", "2 Bob", "3 Cy"]);
  const before = fake.requests.length;
  await seed("Ann", "Bobby", "");
  expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 2 } });
  expect(held()).toEqual(["1 Ann", "2 Bobby"]);
  expect(writes(fake, before).toSorted()).toEqual(["DELETE /v1/contacts/c2", "PUT /v1/contacts/old"]);
  expect((await lab.run("there")).status).toBe("unchanged");
});

it("makes again what somebody deleted there, and takes the removal of what is gone", async () => {
  await seed("Ann", "Bob");
  await lab.run("there");
  fake.state.contacts.clear();
  await seed("Anna", "");
  expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 2 } });
  expect(held()).toEqual(["1 Anna"]);
});

it.each(["reset", "broken"] as const)("makes nobody twice when the answer is lost: %s", async (applied) => {
  fake.fail({ on: "POST /v1/contacts", applied });
  await seed("Ann", "Bob");
  expect((await lab.run("there")).outcomes).toMatchObject({ accepted: 1, unknown: 1 });
  expect(await lab.run("there")).toMatchObject({ status: "ok" });
  expect(held()).toEqual(["1 Ann", "2 Bob"]);
  expect((await lab.run("there")).status).toBe("unchanged");
});

it("stops for a template that cannot be read, and says so without the row", async () => {
  await seed("Ann");
  const file = "destinations/there.yml";
  const yaml = await readFile(`${lab.root}/${file}`, "utf8");
  await lab.write(file, yaml.replace("?shop={{ key }}", "?shop={{ key | nonsense }}"));
  const { status, error } = await lab.run("there");
  expect({ status, code: error?.code }).toEqual({ status: "failed", code: "E810" });
  expect(error?.message).toMatch(/^a template of the destination's config fails: undefined filter: nonsense/);
});
