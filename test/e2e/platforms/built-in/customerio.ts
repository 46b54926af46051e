/** People and manual segments; events are tried in test/e2e/engagement-events.test.ts. */
import { type CustomerioState, startFakeCustomerio } from "../../../fakes/customerio.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

const customerio = {
  start: () => startFakeCustomerio({ site: "site-1", key: env.LAB_TOKEN }),
  destination: (url: string) => `type: customerio
credentials: { site_id: site-1, api_key: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`,
  writing: "/api/v2/batch",
  mark: emailOf,
  spoilt: { status: 400, body: { errors: [{ reason: "parse_error", message: "malformed" }] } },
  refuse: ({ state }: Fake<CustomerioState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<CustomerioState>) => state.refuse.clear(),
  gone: { status: 404, body: { meta: { errors: ["gone"] } } },
  refusal: { code: "invalid", message: "attributes: a value is not valid" },
};
const mappings = `nulls: clear
    mappings: [{ to: first_name, from: name }, { to: points, from: points }]`;

const people = ({ state }: Fake<CustomerioState>) =>
  [...state.people].map(([id, attributes]) => ({ id, ...attributes })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
const personOf = (person: Person) => ({
  id: `id:${person.id}`,
  ...withoutNulls({ email: emailOf(person), first_name: person.name, points: person.points }),
});

const deleted: Platform = {
  ...customerio,
  name: "customerio_person_deleted",
  sync: `object: person
    mode: mirror
    on_leave: delete
    identifiers: { id: id, email: email }
    ${mappings}`,
  held: people,
  desired: (now) => now.map(personOf),
};

const kept: Platform = {
  ...deleted,
  name: "customerio_person_kept",
  sync: `object: person
    mode: upsert
    identifiers: { id: id, email: email }
    ${mappings}`,
  desired: (_, ever) => ever.map(personOf),
};

const segment: Platform = {
  ...customerio,
  name: "customerio_segment",
  async start() {
    const fake = await customerio.start();
    fake.state.segments.set("7", new Set());
    return fake;
  },
  sync: `object: segment
    mode: mirror
    remote: { id: 7 }
    identifiers: { id: id, email: email }`,
  held: ({ state }: Fake<CustomerioState>) => byText(state.segments.get("7") ?? []),
  desired: (now) => byText(now.map(({ id }) => `id:${id}`)),
};

const byAddress: Platform = {
  ...segment,
  name: "customerio_segment_by_email",
  sync: `object: segment
    mode: mirror
    remote: { id: 7 }
    identifiers: { email: email }`,
  desired: (now) => byText(now.map((person) => `email:${emailOf(person)}`)),
};

export default [deleted, kept, segment, byAddress];
