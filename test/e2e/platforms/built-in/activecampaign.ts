import { type ActivecampaignState, startFakeActivecampaign } from "../../../fakes/activecampaign.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

// A list's own test is test/destinations/activecampaign.test.ts: nobody can be taken out of one, not even an e-mail that changed.
const account = (url: string, singles: number): string => `type: activecampaign
credentials: { api_token: "\${env:LAB_TOKEN}" }
config: { account: lab, single_imports: ${singles}, ${network(url)} }
${gently}`;

const activecampaign = {
  start: () => startFakeActivecampaign({ token: env.LAB_TOKEN }),
  destination: (url: string) => account(url, 1000),
  mark: emailOf,
  spoilt: { status: 422, body: { errors: [{ title: "Invalid", detail: "no", code: "field_invalid" }] } },
  refuse: ({ state }: Fake<ActivecampaignState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<ActivecampaignState>) => state.refuse.clear(),
  gone: { status: 404, body: { message: "gone" } },
  refusal: { code: "field_invalid", message: "Email <email> is not valid" },
};

const contact: Platform = {
  ...activecampaign,
  name: "activecampaign_contact",
  sync: `object: contact
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: first_name, from: name }, { to: "7", from: points }]`,
  writing: "/contact",
  rowByRow: true,
  held: ({ state }: Fake<ActivecampaignState>) =>
    byEmail([...state.contacts.values()].map(({ email, fields }) => ({ email, ...fields }))),
  desired: (now) =>
    byEmail(
      now.map((person) => withoutNulls({ email: emailOf(person), firstName: person.name, 7: String(person.points) })),
    ),
};

const imports: Platform = {
  ...contact,
  name: "activecampaign_contact_by_imports",
  destination: (url) => account(url, 0),
  writing: "/import/bulk_import",
  rowByRow: false,
  spoilt: {
    status: 400,
    body: { success: 0, message: "JSON payload did not pass validation", failureReasons: [{ failureReason: "no" }] },
  },
  refusal: { code: "import", message: "refused by ActiveCampaign's import" },
};

const tag: Platform = {
  ...activecampaign,
  name: "activecampaign_tag",
  sync: `object: tag
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
  writing: "/contact/sync",
  rowByRow: true,
  held: ({ state }: Fake<ActivecampaignState>) =>
    [...state.tags].map(([id, { name }]) => {
      const had = [...state.contactTags.values()].filter((one) => one.tag === id);
      return [name, byText(had.map((one) => String(state.contacts.get(one.contact)?.email)))];
    }),
  desired: (now) => [["Everybody", byText(now.map(emailOf))]],
};

export default [contact, imports, tag];
