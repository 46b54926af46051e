import { startFakeMeta, type MetaState } from "../../../fakes/meta.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const meta: Platform = {
  name: "meta_audience",
  start: () => startFakeMeta({ token: env.LAB_TOKEN }),
  destination: (url) => `type: meta
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ad_account: act_1, ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }
    mappings: [{ to: fn, from: name }]`,
  writing: "/users",
  held: ({ state }: Fake<MetaState>) => state.audiences.map(({ name, members }) => [name, byText(members)]),
  desired: (now) => [
    [
      "Everybody",
      byText(
        now.flatMap(({ email, phone }) => [
          ...(email === null ? [] : [`EMAIL:${sha(email[1])}`]),
          ...(phone === null ? [] : [`PHONE:${sha(phone[1].slice(1))}`]),
        ]),
      ),
    ],
  ],
  mark: (person) => sha(emailOf(person)),
  spoilt: { status: 400, body: { error: { code: 100, message: "Invalid parameter" } } },
  refuse: ({ state }: Fake<MetaState>, person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<MetaState>) => state.refuse.clear(),
  gone: { status: 400, body: { error: { code: 100, error_subcode: 33, message: "Object does not exist" } } },
  refusal: { code: "meta_100", message: "Invalid parameter" },
};

export default [meta];
