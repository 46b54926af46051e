import { type PipedriveState, startFakePipedrive } from "../../../fakes/pipedrive.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform } from "../platform.ts";

export const pipedrivePerson: Platform = {
  name: "pipedrive_person",
  start: () => startFakePipedrive({ token: env.LAB_TOKEN }),
  destination: (url) => `type: pipedrive
credentials: { api_token: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`,
  sync: `object: person
    mode: mirror
    on_leave: delete
    key: { email: email }
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  writing: "POST /api/v2/persons",
  rowByRow: true,
  held: ({ state }: Fake<PipedriveState>) =>
    byText(
      [...state.persons.values()]
        .filter(({ deleted }) => deleted !== true)
        .map(({ emails, custom_fields }) => `${emails.map((each: any) => each.value)} ${custom_fields.points}`),
    ),
  desired: (now) => byText(now.map((person) => `${emailOf(person)} ${person.points}`)),
  mark: emailOf,
  spoilt: { status: 400, body: { success: false, error: "Validation failed", code: "ERR_SCHEMA_VALIDATION_FAILED" } },
  refuse: ({ state }: Fake<PipedriveState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<PipedriveState>) => state.refuse.clear(),
  gone: { status: 404, body: { success: false, error: "Unknown method." } },
  refusal: { code: "ERR_SCHEMA_VALIDATION_FAILED", message: "Validation failed: <email>" },
};

/**
 * None for the test of all platforms: it asks for bursts of errors to be sat out, while a request that makes a person must not
 * be repeated after one. ../../pipedrive.test.ts says what happens instead.
 */
const none: readonly Platform[] = [];
export default none;
