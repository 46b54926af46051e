/** Companies and associations, which need a domain that these people do not have, are tried in test/e2e/hubspot.test.ts. */
import { startFakeHubspot, type HubspotState } from "../../../fakes/hubspot.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

const hubspotAccount = (url: string): string => `type: hubspot
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`;

const hubspot = {
  start: () => startFakeHubspot({ token: env.LAB_TOKEN }),
  destination: hubspotAccount,
  mark: emailOf,
  spoilt: { status: 400, body: { category: "VALIDATION_ERROR", message: "Invalid input JSON" } },
  refuse: ({ state }: Fake<HubspotState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<HubspotState>) => state.refuse.clear(),
  gone: { status: 404, body: { status: "error", category: "OBJECT_NOT_FOUND", message: "gone" } },
  refusal: { code: "VALIDATION_ERROR", message: "Property values were not valid: <email>" },
};

const contactOf = (person: Person): object =>
  withoutNulls({ email: emailOf(person), firstname: person.name, points: String(person.points) });
const contacts = ({ state }: Fake<HubspotState>): unknown => byEmail([...state.contacts.values()]);
const contactMappings = `mappings: [{ to: firstname, from: name }, { to: points, from: points }]`;

const hubspotUpsert: Platform = {
  ...hubspot,
  name: "hubspot_contact_kept",
  sync: `object: contact
    mode: upsert
    key: { email: email }
    nulls: clear
    ${contactMappings}`,
  writing: "/contacts/batch/upsert",
  held: contacts,
  desired: (_, ever) => byEmail(ever.map(contactOf)),
};

const hubspotMirror: Platform = {
  ...hubspotUpsert,
  name: "hubspot_contact_deleted",
  sync: `object: contact
    mode: mirror
    on_leave: delete
    key: { email: email }
    nulls: clear
    ${contactMappings}`,
  desired: (now) => byEmail(now.map(contactOf)),
};

const hubspotList: Platform = {
  ...hubspot,
  name: "hubspot_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${contactMappings}`,
  writing: "/contacts/batch/upsert",
  held: ({ state }: Fake<HubspotState>) =>
    [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.contacts.get(id)?.["email"]))),
    ),
  desired: (now) => [byText(now.map(emailOf))],
};

const hubspotCustom: Platform = {
  ...hubspot,
  name: "hubspot_custom",
  sync: `object: custom
    mode: mirror
    on_leave: delete
    remote: { custom_object: p_members, id_property: number }
    key: { id: id }
    nulls: clear
    mappings: [{ to: mail, from: email }, { to: called, from: name }]`,
  writing: "/p_members/batch/upsert",
  mark: (person) => `"${person.id}"`,
  refuse: ({ state }: Fake<HubspotState>, { id }: Person) => void state.refuse.add(String(id)),
  held: ({ state }: Fake<HubspotState>) =>
    byText(
      [...(state.custom.get("p_members")?.values() ?? [])].map(({ number, called }) => `${number} ${called ?? ""}`),
    ),
  desired: (now) => byText(now.map(({ id, name }) => `${id} ${name ?? ""}`)),
  refusal: { code: "VALIDATION_ERROR", message: "Property values were not valid: 2" },
};

export default [hubspotUpsert, hubspotMirror, hubspotList, hubspotCustom];
