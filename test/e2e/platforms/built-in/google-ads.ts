import { type GoogleAdsState, startFakeGoogleAds } from "../../../fakes/google-ads.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const audience: Platform = {
  name: "google_ads_audience",
  start: () => startFakeGoogleAds(env.LAB_SECRET),
  destination: (url) => `type: google-ads
credentials: { client_id: id-of-the-lab, refresh_token: "\${env:LAB_REFRESH}", developer_token: "\${env:LAB_SECRET}" }
config: { customer: "1234567890", ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody's" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }
    mappings: [{ to: given_name, from: name }]`,
  writing: ":addOperations",
  held: ({ state }: Fake<GoogleAdsState>) => [
    state.overlaps,
    state.lists.map(({ name, members }) => [name, byText(members)]),
  ],
  desired: (now) => [
    0,
    [
      [
        "Everybody's",
        byText(
          now.flatMap(({ email, phone }) => [
            ...(email === null ? [] : [`hashedEmail:${sha(email[1])}`]),
            ...(phone === null ? [] : [`hashedPhoneNumber:${sha(phone[1])}`]),
          ]),
        ),
      ],
    ],
  ],
  mark: (person) => sha(emailOf(person)),
  spoilt: { status: 400, body: { error: { code: 400, status: "INVALID_ARGUMENT", message: "Something is wrong." } } },
  refuse: ({ state }: Fake<GoogleAdsState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<GoogleAdsState>) => state.refuse.clear(),
  gone: { status: 404, body: { error: { code: 404, status: "NOT_FOUND", message: "gone" } } },
  refusal: { code: "INVALID_SHA256_FORMAT", message: "The value is not SHA-256." },
};

export default [audience];
