import type { Fake } from "../../../fakes/server.ts";
import { startFakeZoho, type ZohoState } from "../../../fakes/zoho.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, gently, network, type Platform, withoutNulls } from "../platform.ts";

const record: Platform = {
  name: "zoho_record",
  start: startFakeZoho,
  destination: (url) => `type: zoho
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { ${network(url)} }
${gently}`,
  sync: `object: record
    mode: mirror
    on_leave: delete
    remote: { module: Contacts }
    key: { Email: email }
    nulls: clear
    mappings: [{ to: Last_Name, from: name }, { to: Points, from: points }]`,
  writing: "/crm/v8/Contacts/upsert",
  held: ({ state }: Fake<ZohoState>) =>
    byEmail([...state.records.values()].map(({ Email, Last_Name, Points }) => ({ email: Email, Last_Name, Points }))),
  desired: (now) =>
    byEmail(
      now.map((person) => withoutNulls({ email: emailOf(person), Last_Name: person.name, Points: person.points })),
    ),
  mark: emailOf,
  spoilt: { status: 400, body: { status: "error", code: "INVALID_DATA", message: "body", details: {} } },
  refuse: ({ state }: Fake<ZohoState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<ZohoState>) => state.refuse.clear(),
  gone: { status: 404, body: { status: "error", code: "INVALID_URL_PATTERN", message: "check the URL", details: {} } },
  refusal: { code: "INVALID_DATA", message: "invalid data <email>: Email" },
};

export default [record];
