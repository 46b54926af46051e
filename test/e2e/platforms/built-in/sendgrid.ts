import { expect } from "vitest";
import { type SendgridState, startFakeSendgrid } from "../../../fakes/sendgrid.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

/** Where the files of each fake are, by its address. */
const stores = new Map<string, string>();

const sendgrid = {
  async start() {
    const fake = await startFakeSendgrid({ key: env.LAB_TOKEN });
    stores.set(fake.url, new URL(fake.state.files.url).host);
    return fake;
  },
  destination: (url: string) => `type: sendgrid
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { ${network(url)}, download_hosts: ["${stores.get(url)}"] }
${gently}`,
  writing: "PUT /v3/marketing/contacts",
  mark: emailOf,
  spoilt: { status: 400, body: { errors: [{ field: "contacts", message: "invalid" }] } },
  refuse: ({ state }: Fake<SendgridState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<SendgridState>) => state.refuse.clear(),
  gone: { status: 404, body: { errors: [{ field: "list_ids", message: "gone" }] } },
  refusal: { code: "job_errored", message: "<email> cannot be mailed" },
};
const mappings = `identifiers: { email: email }
    nulls: clear
    mappings: [{ to: first_name, from: name }, { to: points, from: points }]`;

/** A contact cannot be given another e-mail: the former one stays. */
const former = (ever: readonly Person[]): readonly string[] =>
  ever.some((person) => emailOf(person) === "cyra@example.org") ? ["cy@example.com"] : [];

const contact: Platform = {
  ...sendgrid,
  name: "sendgrid_contact",
  sync: `object: contact
    mode: upsert
    ${mappings}`,
  held: ({ state }: Fake<SendgridState>) => byEmail([...state.contacts.values()]),
  desired: (_, ever) =>
    byEmail<{ email?: unknown }>([
      ...ever.map((person) => withoutNulls({ email: emailOf(person), first_name: person.name, w2: person.points })),
      ...former(ever).map((email) => ({ email, first_name: "Cy", w2: 30 })),
    ]),
};

const list: Platform = {
  ...sendgrid,
  name: "sendgrid_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    ${mappings}`,
  // Who left the list is still a contact.
  held: ({ state }: Fake<SendgridState>) => ({
    contacts: byText([...state.contacts.values()].map(({ email }) => String(email))),
    members: [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.contacts.get(id)?.["email"]))),
    ),
  }),
  desired: (now, ever) => ({
    contacts: byText([...ever.map(emailOf), ...former(ever)]),
    members: [byText(now.map(emailOf))],
  }),
};

/** Its store is none of the hosts to read from: jobs are halved until the refused contacts are alone. */
const unread: Platform = {
  ...contact,
  name: "sendgrid_contact_unread",
  destination: (url) => sendgrid.destination(url).replace(/, download_hosts: .*\]/, ""),
  refusal: { code: "job_failed", message: expect.stringContaining("; E816: a file at ") as string },
};

export default [contact, list, unread];
