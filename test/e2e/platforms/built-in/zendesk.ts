import type { Fake } from "../../../fakes/server.ts";
import { startFakeZendesk, type ZendeskState } from "../../../fakes/zendesk.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, gently, network, type Platform, withoutNulls } from "../platform.ts";

const authorization = `Basic ${Buffer.from(`agent@example.com/token:${env.LAB_TOKEN}`).toString("base64")}`;
const zendesk = {
  start: () => startFakeZendesk({ authorization }),
  destination: (url: string) => `type: zendesk
credentials: { email: agent@example.com, api_token: "\${env:LAB_TOKEN}" }
config: { subdomain: lab, ${network(url)} }
${gently}`,
  mark: emailOf,
  spoilt: { status: 422, body: { error: "RecordInvalid", description: "Record validation errors" } },
  forgive: ({ state }: Fake<ZendeskState>) => state.refuse.clear(),
  gone: { status: 404, body: { error: "InvalidEndpoint", description: "gone" } },
};

const user: Platform = {
  ...zendesk,
  name: "zendesk_user",
  sync: `object: user
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  writing: "/users/create_or_update_many",
  refuse: ({ state }: Fake<ZendeskState>, person: Person) => void state.refuse.add(emailOf(person)),
  refusal: { code: "UserUpdateError", message: "Email: <email> is not properly formatted" },
  held: ({ state }: Fake<ZendeskState>) =>
    byEmail([...state.users.values()].map(({ emails: [email], fields }) => ({ email, ...fields }))),
  desired: (now) =>
    byEmail(
      now.map((person) =>
        withoutNulls({ email: emailOf(person), name: person.name, user_fields: { points: person.points } }),
      ),
    ),
};

/** One by one, since Zendesk has no batch that makes or changes organizations. */
const organization: Platform = {
  ...zendesk,
  name: "zendesk_organization",
  sync: `object: organization
    mode: upsert
    identifiers: { external_id: id }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: notes, from: email }]`,
  writing: "/organizations/create_or_update",
  rowByRow: true,
  mark: (person) => `"external_id":"${person.id}"`,
  refuse: ({ state }: Fake<ZendeskState>, person: Person) => void state.refuse.add(String(person.id)),
  refusal: { code: "RecordInvalid", message: "Email: 2 is not properly formatted" },
  held: ({ state }: Fake<ZendeskState>) =>
    byEmail([...state.organizations.values()].map(({ external_id: email, fields }) => ({ email, ...fields }))),
  desired: (_, ever) =>
    byEmail(ever.map(({ id, name, email }) => withoutNulls({ email: String(id), name, notes: email?.[0] ?? null }))),
};

export default [user, organization];
