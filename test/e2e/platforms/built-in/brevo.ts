import { type BrevoState, startFakeBrevo } from "../../../fakes/brevo.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

/** Where the files of each fake are, by its address. */
const stores = new Map<string, string>();

const account = (url: string, singles: number): string => `type: brevo
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { single_imports: ${singles}, ${network(url)}, download_hosts: ["${stores.get(url)}"] }
${gently}`;

const brevo = {
  async start() {
    const fake = await startFakeBrevo({ key: env.LAB_TOKEN });
    stores.set(fake.url, new URL(fake.state.files.url).host);
    return fake;
  },
  destination: (url: string) => account(url, 1000),
  mark: emailOf,
  spoilt: { status: 400, body: { code: "invalid_parameter", message: "Invalid input" } },
  refuse: ({ state }: Fake<BrevoState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<BrevoState>) => state.refuse.clear(),
  gone: { status: 404, body: { code: "not_found", message: "gone" } },
  refusal: { code: "invalid_parameter", message: "Invalid email address: <email>" },
};
const mappings = `nulls: clear
    mappings: [{ to: firstname, from: name }, { to: points, from: points }]`;

const contact: Platform = {
  ...brevo,
  name: "brevo_contact",
  sync: `object: contact
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    ${mappings}`,
  writing: "/contacts",
  rowByRow: true,
  held: ({ state }: Fake<BrevoState>) =>
    byEmail([...state.contacts.values()].map(({ email, attributes }) => ({ email, ...attributes }))),
  desired: (now) =>
    byEmail(
      now.map((person) => withoutNulls({ email: emailOf(person), FIRSTNAME: person.name, POINTS: person.points })),
    ),
};

const list: Platform = {
  ...brevo,
  name: "brevo_list",
  // A list that is there already: making one has the path that writes people.
  async start() {
    const fake = await brevo.start();
    fake.state.lists.set(500, { name: "Everybody", members: new Set() });
    return fake;
  },
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${mappings}`,
  writing: "POST /v3/contacts",
  rowByRow: true,
  // Who left the list is still a contact; a list keeps the contact of an e-mail that was changed.
  held: ({ state }: Fake<BrevoState>) => ({
    contacts: byText([...state.contacts.values()].map(({ email }) => email)),
    members: [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.contacts.get(id)?.email))),
    ),
  }),
  desired: (now, ever) => ({
    contacts: byText([
      ...ever.map(emailOf),
      ...(ever.some((person) => emailOf(person) === "cyra@example.org") ? ["cy@example.com"] : []),
    ]),
    members: [byText(now.map(emailOf))],
  }),
};

const imports: Platform = {
  ...list,
  name: "brevo_list_by_imports",
  start: brevo.start,
  destination: (url) => account(url, 0),
  writing: "/contacts/import",
  rowByRow: false,
  refusal: { code: "invalid_emails", message: "Brevo refused contacts of this import" },
};

export default [contact, list, imports];
