/** Users; events are tried in test/e2e/braze-events.test.ts. */
import { type BrazeState, startFakeBraze } from "../../../fakes/braze.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, gently, network, type Platform, withoutNulls } from "../platform.ts";

const braze = {
  start: () => startFakeBraze({ key: env.LAB_TOKEN }),
  destination: (url: string) => `type: braze
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { endpoint: https://rest.iad-01.braze.com, ${network(url)} }
${gently}`,
  writing: "/users/track",
  mark: emailOf,
  spoilt: { status: 400, body: { message: "The request is malformed" } },
  refuse: ({ state }: Fake<BrazeState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<BrazeState>) => state.refuse.clear(),
  gone: { status: 404, body: { message: "Invalid URL" } },
  refusal: { code: "invalid", message: "an attribute is not valid" },
  held: ({ state }: Fake<BrazeState>) => byEmail([...state.users.values()]),
};
const mappings = `nulls: clear
    mappings: [{ to: email, from: email }, { to: first_name, from: name }, { to: points, from: points }]`;
const userOf = (identity: object) => (person: Person) =>
  withoutNulls({ ...identity, email: emailOf(person), first_name: person.name, points: person.points });

const deleted: Platform = {
  ...braze,
  name: "braze_user_deleted",
  sync: `object: user
    mode: mirror
    on_leave: delete
    identifiers: { external_id: id }
    ${mappings}`,
  desired: (now) => byEmail(now.map((person) => userOf({ external_id: String(person.id) })(person))),
};

const kept: Platform = {
  ...braze,
  name: "braze_user_kept",
  sync: `object: user
    mode: upsert
    identifiers: { external_id: id }
    ${mappings}`,
  desired: (_, ever) => byEmail(ever.map((person) => userOf({ external_id: String(person.id) })(person))),
};

export default [deleted, kept];
