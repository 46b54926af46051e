import type { Fake } from "../../../fakes/server.ts";
import { type SnapchatState, startFakeSnapchat } from "../../../fakes/snapchat.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const audience: Platform = {
  name: "snapchat_audience",
  start: startFakeSnapchat,
  destination: (url) => `type: snapchat
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { ad_account: acc-1, ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }`,
  writing: "/users",
  held: ({ state }: Fake<SnapchatState>) => state.segments.map(({ name, members }) => [name, byText(members)]),
  desired: (now) => [
    [
      "Everybody",
      byText(
        now.flatMap(({ email, phone }) => [
          ...(email === null ? [] : [`EMAIL_SHA256:${sha(email[1])}`]),
          ...(phone === null ? [] : [`PHONE_SHA256:${sha(phone[1].slice(1))}`]),
        ]),
      ),
    ],
  ],
  mark: (person) => sha(emailOf(person)),
  spoilt: {
    status: 400,
    body: { request_status: "ERROR", error_code: "E1001", display_message: "A value is not a hash." },
  },
  refuse: ({ state }: Fake<SnapchatState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<SnapchatState>) => state.refuse.clear(),
  gone: { status: 404, body: { request_status: "ERROR", error_code: "E1008", display_message: "gone" } },
  refusal: { code: "E1001", message: "A value is not a hash." },
};

export default [audience];
