import { type ContactsState, startContactsApi } from "../../../fakes/contacts-api.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, gently, type Platform } from "../platform.ts";

/**
 * Many rows a request. One by one a contact that may have been made is never made again in the same run, which the test of
 * all platforms does not foresee: test/e2e/http.test.ts.
 */
const body = `{ shop: "{{ key }}", email: "{{ identifiers.email | strip | downcase }}", name: "{{ fields.name }}", points: "{{ fields.points }}" }`;
const shared = {
  start: () => startContactsApi(env.LAB_TOKEN),
  sync: `object: record
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  held: ({ state }: Fake<ContactsState>) => byEmail([...state.contacts.values()]),
  desired: (now: readonly Person[]) =>
    byEmail(
      now.map((person) => ({ shop: person.id, email: emailOf(person), name: person.name, points: person.points })),
    ),
  mark: emailOf,
  spoilt: { status: 400, body: { error: { code: "broken", message: "cannot read it" } } },
  refuse: ({ state }: Fake<ContactsState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<ContactsState>) => state.refuse.clear(),
  gone: { status: 410, body: {} },
  refusal: { code: "blocked", message: "the address is blocked" },
};
const account = (url: string, how: string): string => `type: http
credentials: { bearer: "\${env:LAB_TOKEN}" }
config:
  url: "${url}/v1"
  allow_private_network: true
${how}
${gently}`;

const many: Platform = {
  ...shared,
  name: "http_many",
  destination: (url) =>
    account(
      url,
      `  add: { method: POST, path: /bulk, json: ${body}, id: /id }
  remove: { method: DELETE, path: /bulk, json: { shop: "{{ key }}" } }
  many: { rows: 100, under: contacts, results: /results }
  answer: { status: /status, accepted: [done], code: /code, message: /message }
  delivery: set`,
    ),
  writing: "POST /v1/bulk",
};

export default [many];
