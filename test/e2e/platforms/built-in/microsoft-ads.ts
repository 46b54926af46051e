import { microsoftFault, type MicrosoftState, startFakeMicrosoftAds } from "../../../fakes/microsoft-ads.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const audience: Platform = {
  name: "microsoft_ads_audience",
  start: () => startFakeMicrosoftAds({ developerToken: env.LAB_SECRET }),
  destination: (url) => `type: microsoft-ads
credentials:
  client_id: id-of-the-lab
  client_secret: "\${env:LAB_TOKEN}"
  refresh_token: "\${env:LAB_REFRESH}"
  developer_token: "\${env:LAB_SECRET}"
config: { account_id: "88", customer_id: "77", ${network(url)} }
${gently}`,
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
  writing: "/CustomerListUserData/Apply",
  held: ({ state }: Fake<MicrosoftState>) => state.lists.map(({ Name, members }) => [Name, byText(members)]),
  desired: (now) => [["Everybody", byText(now.map((person) => `Email:${sha(emailOf(person))}`))]],
  mark: (person) => sha(emailOf(person)),
  refuse: ({ state }: Fake<MicrosoftState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
  forgive: ({ state }: Fake<MicrosoftState>) => state.refuse.clear(),
  spoilt: microsoftFault(400, 4001, "CustomerListUserDataInvalid"),
  gone: microsoftFault(400, 4111, "CampaignServiceInvalidAudienceId"),
  refusal: {
    code: "CustomerListItemInvalid",
    message: "Microsoft refused the item: CustomerListItemInvalid (8001)",
  },
};

export default [audience];
