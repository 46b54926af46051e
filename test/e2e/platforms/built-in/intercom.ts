import { type IntercomState, startFakeIntercom } from "../../../fakes/intercom.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { crowd, emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

// Events are sent once and for all, which the test of platforms that hold people cannot say: test/destinations/intercom.test.ts.
const intercom = {
  start: () => startFakeIntercom({ token: env.LAB_TOKEN }),
  destination: (url: string) => `type: intercom
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`,
  rowByRow: true,
  mark: emailOf,
  spoilt: { status: 400, body: { type: "error.list", errors: [{ code: "parameter_invalid", message: "no" }] } },
  refuse: ({ state }: Fake<IntercomState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<IntercomState>) => state.refuse.clear(),
  gone: { status: 404, body: { type: "error.list", errors: [{ code: "not_found", message: "Resource Not Found" }] } },
  refusal: { code: "parameter_invalid", message: "invalid value <email>" },
};

const live = ({ state }: Fake<IntercomState>) =>
  [...state.contacts].filter(([id]) => !state.archived.has(id)).map(([, contact]) => contact);

const contact: Platform = {
  ...intercom,
  name: "intercom_contact",
  sync: `object: contact
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  writing: "/contacts",
  held: (fake) => byEmail(live(fake)),
  desired: (now) =>
    byEmail(
      now.map(({ name, points, ...person }) =>
        withoutNulls({
          role: "user",
          email: emailOf({ name, points, ...person }),
          name,
          custom_attributes: { points },
        }),
      ),
    ),
};

const tag: Platform = {
  ...intercom,
  name: "intercom_tag",
  // The crowd are users already: making one would be a second write of the same path.
  async start() {
    const fake = await intercom.start();
    for (const { id, email } of crowd(64))
      fake.state.contacts.set(`u${id}`, { role: "user", email: String(email?.[1]), custom_attributes: {} });
    return fake;
  },
  sync: `object: tag
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
  writing: "/contacts",
  held: ({ state }: Fake<IntercomState>) =>
    [...state.tags.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.contacts.get(id)?.email))),
    ),
  desired: (now) => [byText(now.map(emailOf))],
};

const company: Platform = {
  ...intercom,
  name: "intercom_company",
  sync: `object: company
    mode: mirror
    on_leave: delete
    identifiers: { company_id: id }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: size, from: points }]`,
  writing: "/companies",
  mark: (person) => `"company_id":"${person.id}"`,
  refuse: ({ state }: Fake<IntercomState>, person: Person) => void state.refuse.add(String(person.id)),
  refusal: { code: "parameter_invalid", message: "invalid value 2" },
  held: ({ state }: Fake<IntercomState>) => byText([...state.companies.values()].map((one) => JSON.stringify(one))),
  desired: (now) =>
    byText(
      now.map(({ id, name, points: size }) => JSON.stringify(withoutNulls({ company_id: String(id), name, size }))),
    ),
};

export default [contact, tag, company];
