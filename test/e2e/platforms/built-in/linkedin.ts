import { type LinkedinState, startFakeLinkedin } from "../../../fakes/linkedin.ts";
import type { Fake } from "../../../fakes/server.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform, sha } from "../platform.ts";

const linkedin = {
  start: startFakeLinkedin,
  destination: (url: string) => `type: linkedin
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { ad_account: "123", source_platform: MILLRACE, ${network(url)} }
${gently}`,
  // Also the reads that tell a new segment from one that is gone.
  writing: "/dmpSegments/",
  held: ({ state }: Fake<LinkedinState>) => state.segments.map(({ name, members }) => [name, byText(members)]),
  forgive: ({ state }: Fake<LinkedinState>) => state.refuse.clear(),
  spoilt: { status: 400, body: { status: 400, message: "Invalid user" } },
  gone: { status: 404, body: { status: 404, message: "gone" } },
  refusal: { code: "http_400", message: "Invalid user" },
};

const audience: Platform = {
  ...linkedin,
  name: "linkedin_audience",
  sync: `object: audience
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    mappings: [{ to: firstName, from: name }]`,
  desired: (now) => [["Everybody", byText(now.map((person) => `SHA256_EMAIL:${sha(emailOf(person))}`))]],
  mark: (person) => sha(emailOf(person)),
  refuse: ({ state }: Fake<LinkedinState>, person: Person) => void state.refuse.add(sha(emailOf(person))),
};

/** Everybody's firm is called as their e-mail is written in the shop: names of companies travel as they are. */
const firm = (person: Person): string => person.email?.[0] ?? "";

const companies: Platform = {
  ...linkedin,
  name: "linkedin_company_audience",
  sync: `object: company_audience
    mode: mirror
    remote: { name: "Firms" }
    identifiers: { companyName: email }`,
  desired: (now) => [["Firms", byText(now.map((person) => `companyName:${firm(person)}`))]],
  mark: firm,
  refuse: ({ state }: Fake<LinkedinState>, person: Person) => void state.refuse.add(firm(person)),
};

export default [audience, companies];
