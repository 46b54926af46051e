import type { Fake } from "../../../fakes/server.ts";
import { startFakeX, type XState } from "../../../fakes/x.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const keys = {
  consumer_key: "key-of-the-lab",
  consumer_secret: env.LAB_SECRET,
  access_token: env.LAB_TOKEN,
  access_token_secret: env.LAB_REFRESH,
};

const audience: Platform = {
  name: "x_audience",
  start: () => startFakeX(keys),
  destination: (url) => `type: x
credentials:
  consumer_key: ${keys.consumer_key}
  consumer_secret: "\${env:LAB_SECRET}"
  access_token: "\${env:LAB_TOKEN}"
  access_token_secret: "\${env:LAB_REFRESH}"
config: { ad_account: 18ce54d4x5t, ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone_number: { from: phone, default_country: FR } }`,
  writing: "/users",
  held: ({ state }: Fake<XState>) => state.audiences.map(({ name, members }) => [name, byText(members.keys())]),
  desired: (now) => [
    [
      "Everybody",
      byText(
        now.flatMap(({ email, phone }) => [
          ...(email === null ? [] : [`email:${sha(email[1])}`]),
          ...(phone === null ? [] : [`phone_number:${sha(phone[1])}`]),
        ]),
      ),
    ],
  ],
  mark: (person) => sha(emailOf(person)),
  refuse: ({ state }: Fake<XState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<XState>) => state.refuse.clear(),
  spoilt: { status: 400, body: { errors: [{ code: "INVALID_PARAMETER", message: "A user was not understood" }] } },
  gone: { status: 404, body: { errors: [{ code: "NOT_FOUND", message: "gone" }] } },
  refusal: { code: "INVALID_PARAMETER", message: "A user was not understood" },
};

export default [audience];
