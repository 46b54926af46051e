import { type GoogleState, startFakeGoogle } from "../../../fakes/google.ts";
import type { Fake } from "../../../fakes/server.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

export const googleAccount = (url: string): string => `type: google
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { account: "1234567890", accept_terms: true, ad_user_data: GRANTED, ${network(url)} }
${gently}`;

/** Conversions are events: test/e2e/google.test.ts. */
const audience: Platform = {
  name: "google_audience",
  start: startFakeGoogle,
  destination: googleAccount,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }
    mappings: [{ to: given_name, from: name }]`,
  writing: "/v1/audienceMembers:",
  held: ({ state }: Fake<GoogleState>) => state.lists.map(({ displayName, members }) => [displayName, byText(members)]),
  desired: (now) => [
    [
      "Everybody",
      byText(
        now.flatMap(({ email, phone }) => [
          ...(email === null ? [] : [`emailAddress:${sha(email[1])}`]),
          ...(phone === null ? [] : [`phoneNumber:${sha(phone[1])}`]),
        ]),
      ),
    ],
  ],
  mark: (person) => sha(emailOf(person)),
  spoilt: { status: 400, body: { error: { code: 400, status: "INVALID_ARGUMENT", message: "Something is wrong." } } },
  refuse: ({ state }: Fake<GoogleState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<GoogleState>) => state.refuse.clear(),
  gone: { status: 404, body: { error: { code: 404, status: "NOT_FOUND", message: "gone" } } },
  refusal: { code: "INVALID_SHA256_FORMAT", message: "The value is not a SHA-256 hash." },
};

export default [audience];
