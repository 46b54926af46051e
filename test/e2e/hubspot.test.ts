/** Companies and who works there, through the real engine. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HubspotState, startFakeHubspot } from "../fakes/hubspot.ts";
import type { Fake } from "../fakes/server.ts";
import { env, startLab, type Lab, type SeedRow } from "./platforms/lab.ts";
import { gently, network } from "./platforms/platform.ts";

let fake: Fake<HubspotState>;
let lab: Lab;
beforeEach(async () => {
  fake = await startFakeHubspot({ token: env.LAB_TOKEN });
  lab = await startLab({
    "models/firms.sql": "select * from {{ ref('firms_seed') }}\n",
    "models/staff.sql": "select * from {{ ref('staff_seed') }}\n",
    "models/models.yml": `models:
  - { name: firms, primary_key: id }
  - { name: staff, primary_key: id }
syncs:
  - name: companies
    model: firms
    destination: crm
    object: company
    mode: mirror
    on_leave: delete
    key: { domain: site }
    mappings: [{ to: name, from: name }]
  - name: people
    model: staff
    destination: crm
    object: contact
    mode: upsert
    key: { email: email }
  - name: works_at
    model: staff
    destination: crm
    object: association
    mode: mirror
    after: [companies, people]
    identifiers: { from: email, to: site }
`,
    "destinations/crm.yml": `destination: crm
type: hubspot
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ${network(fake.url)} }
${gently}
guards: { first_run: allow }
`,
  });
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

const acme = { id: 1, site: "https://www.Acme.example", name: "Acme" };
const bolt = { id: 2, site: "bolt.example", name: "Bolt" };
const ann = { id: 10, email: "Ann@example.com", site: "acme.example" };
const bob = { id: 11, email: "bob@example.com", site: "bolt.example" };

async function sync(firms: readonly SeedRow[], staff: readonly SeedRow[]) {
  await lab.seed("firms_seed", firms, ["id", "site", "name"]);
  await lab.seed("staff_seed", staff, ["id", "email", "site"]);
  const { document } = await lab.sync();
  return Object.fromEntries(
    document.syncs.map(({ sync: name, status, outcomes }) => [name, `${status} ${outcomes.accepted}`]),
  );
}

const companies = () => [...fake.state.companies.values()].map(({ domain, name }) => `${domain} ${name}`);
/** `ann@example.com acme.example` */
const pairs = () =>
  [...fake.state.associations.keys()].map((pair) => {
    const [from = "", to = ""] = pair.split("/");
    return `${fake.state.contacts.get(from)?.["email"]} ${fake.state.companies.get(to)?.["domain"]}`;
  });

it("keeps companies by domain, and who works where, through a change of both", async () => {
  expect(await sync([acme, bolt], [ann, bob])).toEqual({ companies: "ok 2", people: "ok 2", works_at: "ok 2" });
  expect(companies()).toEqual(["acme.example Acme", "bolt.example Bolt"]);
  expect(pairs()).toEqual(["ann@example.com acme.example", "bob@example.com bolt.example"]);
  expect(await sync([acme, bolt], [ann, bob])).toEqual({
    companies: "unchanged 0",
    people: "unchanged 0",
    works_at: "unchanged 0",
  });
  // Bolt moves to another domain and keeps its record; Bob goes to Acme.
  await sync([acme, { ...bolt, site: "bolt2.example" }], [ann, { ...bob, site: "acme.example" }]);
  expect(companies()).toEqual(["acme.example Acme", "bolt2.example Bolt"]);
  expect(pairs()).toEqual(["ann@example.com acme.example", "bob@example.com acme.example"]);
  await sync([acme], [ann]);
  expect(companies()).toEqual(["acme.example Acme"]);
  expect(pairs()).toEqual(["ann@example.com acme.example"]);
});

it("makes no company twice when the answer to its making is lost", async () => {
  fake.fail({ on: "/companies/batch/create", applied: "reset", times: 9 });
  expect(await sync([acme], [])).toMatchObject({ companies: "partial 0" });
  expect(companies()).toEqual(["acme.example Acme"]);
  fake.heal();
  expect(await sync([acme], [])).toMatchObject({ companies: "ok 1" });
  expect(companies()).toEqual(["acme.example Acme"]);
});
