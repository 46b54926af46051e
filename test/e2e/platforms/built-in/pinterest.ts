import { type PinterestState, startFakePinterest } from "../../../fakes/pinterest.ts";
import type { Fake } from "../../../fakes/server.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

/** With a list and an audience that are there: how they are made is test/e2e/first-rows.test.ts. */
const audience: Platform = {
  name: "pinterest_audience",
  async start() {
    const fake = await startFakePinterest();
    fake.state.lists.push({ id: "643", name: "Everybody", list_type: "EMAIL", members: new Set() });
    fake.state.audiences.push({ id: "90", name: "Everybody", rule: { customer_list_id: "643" } });
    return fake;
  },
  destination: (url) => `type: pinterest
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { ad_account: "549", ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
  writing: "PATCH /v5/ad_accounts/549/customer_lists/",
  held: ({ state }: Fake<PinterestState>) => state.lists.map(({ name, members }) => [name, byText(members)]),
  desired: (now) => [["Everybody", byText(now.map((person) => sha(emailOf(person))))]],
  mark: (person) => sha(emailOf(person)),
  refuse: ({ state }: Fake<PinterestState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<PinterestState>) => state.refuse.clear(),
  spoilt: { status: 400, body: { code: 1, message: "A record is not valid." } },
  gone: { status: 404, body: { code: 50, message: "gone" } },
  refusal: { code: "pinterest_1", message: "A record is not valid." },
};

export default [audience];
