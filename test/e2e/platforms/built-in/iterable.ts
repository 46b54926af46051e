/** Users and lists; events are tried in test/e2e/engagement-events.test.ts. */
import { type IterableState, startFakeIterable } from "../../../fakes/iterable.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

const iterable = {
  start: () => startFakeIterable({ key: env.LAB_TOKEN }),
  destination: (url: string) => account(url, "email"),
  mark: emailOf,
  spoilt: { status: 400, body: { code: "BadParams", msg: "The request is malformed", params: {} } },
  refuse: ({ state }: Fake<IterableState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<IterableState>) => state.refuse.clear(),
  gone: { status: 404, body: { code: "NotFound", msg: "gone", params: {} } },
  refusal: { code: "forgottenEmails", message: "the user was forgotten (GDPR) and is not made again" },
};
const account = (url: string, project: string): string => `type: iterable
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { project: ${project}, ${network(url)} }
${gently}`;
const mappings = `nulls: clear
    mappings: [{ to: firstName, from: name }, { to: points, from: points }]`;

const users = ({ state }: Fake<IterableState>) =>
  byEmail([...state.users.values()].map(({ dataFields, ...known }) => ({ ...known, ...dataFields })));
const fieldsOf = (person: Person) => withoutNulls({ firstName: person.name, points: person.points });

const byAddress: Platform = {
  ...iterable,
  name: "iterable_user_by_email",
  sync: `object: user
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    ${mappings}`,
  writing: "/users/bulkUpdate",
  held: ({ state }: Fake<IterableState>) => byText(state.users.keys()),
  // A changed e-mail is another user; the one of before goes when the row leaves.
  desired: (now) => byText([...now.map(emailOf), ...now.flatMap(formerly)]),
};
const formerly = (person: Person): readonly string[] =>
  emailOf(person) === "cyra@example.org" ? ["cy@example.com"] : [];

const byUserId: Platform = {
  ...iterable,
  name: "iterable_user_by_id",
  start: () => startFakeIterable({ key: env.LAB_TOKEN, by: "userId" }),
  destination: (url) => account(url, "userId"),
  sync: `object: user
    mode: mirror
    on_leave: delete
    identifiers: { user_id: id, email: email }
    ${mappings}`,
  writing: "/users/bulkUpdate",
  held: users,
  desired: (now) =>
    byEmail(now.map((person) => ({ email: emailOf(person), userId: String(person.id), ...fieldsOf(person) }))),
  refuse: ({ state }, person) => void state.refuse.add(String(person.id)),
  refusal: { ...iterable.refusal, code: "forgottenUserIds" },
};

const list: Platform = {
  ...iterable,
  name: "iterable_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${mappings}`,
  writing: "/lists/subscribe",
  held: ({ state }: Fake<IterableState>) => ({
    members: [...state.lists.values()].map(({ members }) => byText(members)),
    unsubscribed: [...state.unsubscribed],
  }),
  desired: (now) => ({ members: [byText(now.map(emailOf))], unsubscribed: [] }),
};

export default [byAddress, byUserId, list];
