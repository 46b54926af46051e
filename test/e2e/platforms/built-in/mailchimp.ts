import { type MailchimpState, startFakeMailchimp } from "../../../fakes/mailchimp.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byEmail, byText, gently, network, type Platform, withoutNulls } from "../platform.ts";

const mailchimp = {
  start: () => startFakeMailchimp({ key: env.LAB_TOKEN }),
  destination: (url: string) => `type: mailchimp
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { data_centre: us21, list_id: L1, ${network(url)} }
${gently}`,
  writing: "POST /3.0/lists/L1",
  mark: emailOf,
  spoilt: { status: 400, body: { title: "Invalid Resource", status: 400, detail: "The resource is not valid." } },
  refuse: ({ state }: Fake<MailchimpState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<MailchimpState>) => state.refuse.clear(),
  gone: { status: 404, body: { title: "Resource Not Found", status: 404, detail: "gone" } },
  refusal: { code: "error_generic", message: "<email> looks fake or invalid, please enter a real email address." },
};

const memberOf = (person: Person): object => ({
  email: emailOf(person),
  ...withoutNulls({ FNAME: person.name, POINTS: person.points }),
});
const mappings = `nulls: clear
    mappings: [{ to: FNAME, from: name }, { to: POINTS, from: points }]`;
const members = ({ state }: Fake<MailchimpState>) =>
  byEmail(
    [...state.members.values()]
      .filter(({ status }) => status !== "archived")
      .map(({ email, merge_fields }) => ({ email, ...merge_fields })),
  );

const kept: Platform = {
  ...mailchimp,
  name: "mailchimp_member_kept",
  sync: `object: member
    mode: upsert
    identifiers: { email: email }
    ${mappings}`,
  held: members,
  desired: (_, ever) => byEmail(ever.map(memberOf)),
};

const archived: Platform = {
  ...kept,
  name: "mailchimp_member_archived",
  sync: `object: member
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    ${mappings}`,
  desired: (now) => byEmail(now.map(memberOf)),
};

const segment: Platform = {
  ...mailchimp,
  name: "mailchimp_segment",
  sync: `object: segment
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
  // The first of the two requests, which makes the members.
  writing: "POST /3.0/lists/L1?",
  held: ({ state }: Fake<MailchimpState>) => [...state.segments.values()].map(({ emails }) => byText(emails)),
  desired: (now) => [byText(now.map(emailOf))],
};

const tag: Platform = {
  ...segment,
  name: "mailchimp_tag",
  sync: `object: tag
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }`,
};

export default [kept, archived, segment, tag];
