import { startFakeKlaviyo, type KlaviyoState } from "../../../fakes/klaviyo.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

const klaviyo = {
  start: () => startFakeKlaviyo({ key: env.LAB_TOKEN }),
  destination: (url: string) => klaviyoAccount(url, 2000),
  mark: emailOf,
  spoilt: { status: 400, body: { errors: [{ code: "invalid", detail: "Invalid input." }] } },
  refuse: ({ state }: Fake<KlaviyoState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<KlaviyoState>) => state.refuse.clear(),
  gone: { status: 404, body: { errors: [{ code: "not_found", detail: "gone" }] } },
  refusal: { code: "invalid", message: "Invalid email address <email>" },
};

export const klaviyoAccount = (url: string, singles: number): string => `type: klaviyo
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { single_imports: ${singles}, ${network(url)} }
${gently}`;

const profileMappings = `mappings: [{ to: first_name, from: name }, { to: points, from: points }]`;

const klaviyoProfile: Platform = {
  ...klaviyo,
  name: "klaviyo_profile",
  sync: `object: profile
    mode: upsert
    nulls: clear
    identifiers: { email: email }
    ${profileMappings}`,
  writing: "/api/profile-import",
  rowByRow: true,
  held: ({ state }: Fake<KlaviyoState>) => byEmail([...state.profiles.values()].map(withoutNulls)),
  desired: (_, ever) =>
    byEmail(
      ever.map((person) =>
        withoutNulls({ email: emailOf(person), first_name: person.name, properties: { points: person.points } }),
      ),
    ),
};

const klaviyoList: Platform = {
  ...klaviyo,
  name: "klaviyo_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${profileMappings}`,
  writing: "/api/profile-import",
  rowByRow: true,
  // Who left the list is still a profile.
  held: ({ state }: Fake<KlaviyoState>) => ({
    profiles: byText([...state.profiles.values()].map(({ email }) => String(email))),
    members: [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.profiles.get(id)?.["email"]))),
    ),
  }),
  desired: (now, ever) => ({
    profiles: byText([...ever.map(emailOf), ...addresses(ever)]),
    members: [byText(now.map(emailOf))],
  }),
};

/** A list keeps the profile of an e-mail that was changed. */
const addresses = (ever: readonly Person[]): readonly string[] =>
  ever.some((person) => emailOf(person) === "cyra@example.org") ? ["cy@example.com"] : [];

export const klaviyoJobs: Platform = {
  ...klaviyoList,
  name: "klaviyo_list_by_jobs",
  destination: (url) => klaviyoAccount(url, 0),
  writing: "/profile-bulk-import-jobs",
  rowByRow: false,
};

export default [klaviyoProfile, klaviyoList, klaviyoJobs];
