import type { Fake } from "../../../fakes/server.ts";
import { startFakeTiktok, tiktokFault, type TiktokState } from "../../../fakes/tiktok.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const tiktok = {
  destination: (url: string) => `type: tiktok
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { advertiser_id: "7178", ${network(url)} }
${gently}`,
  held: ({ state }: Fake<TiktokState>) => state.audiences.map(({ name, members }) => [name, byText(members)]),
  mark: (person: Person) => sha(emailOf(person)),
  refuse: ({ state }: Fake<TiktokState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<TiktokState>) => state.refuse.clear(),
  gone: tiktokFault(40002, "The audience does not exist."),
};

/** `plus`: how phones begin. */
const everybody = (now: readonly Person[], plus: "+" | ""): readonly unknown[] => [
  [
    "Everybody",
    byText(
      now.flatMap(({ email, phone }) => [
        ...(email === null ? [] : [`EMAIL_SHA256:${sha(email[1])}`]),
        ...(phone === null ? [] : [`PHONE_SHA256:${sha(plus + phone[1].slice(1))}`]),
      ]),
    ),
  ],
];

const audience: Platform = {
  ...tiktok,
  name: "tiktok_audience",
  start: () => startFakeTiktok({ token: env.LAB_TOKEN }),
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }`,
  desired: (now) => everybody(now, "+"),
  writing: "/segment/mapping/",
  spoilt: tiktokFault(40002, "An id is not valid."),
  refusal: { code: "tiktok_40002", message: "An id is not valid." },
};

/** With an audience that is there, and a floor that so few people stand on. */
const fileAudience: Platform = {
  ...tiktok,
  name: "tiktok_file_audience",
  async start() {
    const fake = await startFakeTiktok({ token: env.LAB_TOKEN });
    fake.state.fewest = 0;
    fake.state.audiences.push({ audience_id: "5", name: "Everybody", type: "file", members: new Set() });
    return fake;
  },
  sync: `object: file_audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email, phone: { from: phone, default_country: FR } }`,
  desired: (now) => everybody(now, ""),
  writing: "/file/upload/",
  spoilt: tiktokFault(40002, "A line is not valid."),
  refusal: { code: "tiktok_40002", message: "A line is not valid." },
};

export default [audience, fileAudience];
