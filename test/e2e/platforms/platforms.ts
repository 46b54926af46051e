/** Each platform's fake, its YAML, what it holds, and what it must hold: worked out here, without the code under test. */
import { createHash } from "node:crypto";
import { startFakeHubspot, type HubspotState } from "../../fakes/hubspot.ts";
import { startFakeKlaviyo, type KlaviyoState } from "../../fakes/klaviyo.ts";
import { startFakeMeta, type MetaState } from "../../fakes/meta.ts";
import type { Fake, FakeAnswer } from "../../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../../fakes/webhook.ts";
import { env, startLab, type Lab } from "./lab.ts";
import { emailOf, type Person } from "./people.ts";

export interface Platform {
  /** Of the destination and the sync. */
  readonly name: string;
  start(): Promise<Fake<any>>;
  /** YAML of the destination, without its name. */
  destination(url: string): string;
  /** Of the sync, below its name and source. */
  readonly sync: string;
  /** Part of `METHOD /path` of the request that writes people. */
  readonly writing: string;
  /** Each row is a request of its own. */
  readonly rowByRow?: boolean;
  held(fake: Fake<any>): unknown;
  /** `ever`: everybody sent so far, as last wanted. */
  desired(now: readonly Person[], ever: readonly Person[]): unknown;
  /** What stands in a request that speaks of the person. */
  mark(person: Person): string;
  /** Refuses the person's row; the others of its request are taken where the platform tells rows apart. */
  refuse(fake: Fake<any>, person: Person): void;
  forgive(fake: Fake<any>): void;
  /** An answer that refuses the whole request for what is in it. */
  readonly spoilt: FakeAnswer;
  /** An answer that says the target no longer exists. */
  readonly gone: FakeAnswer;
  /** A row refused alone, as rejected rows are told. */
  readonly refusal: { readonly code: string; readonly message: string };
}

export const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const byText = (lines: Iterable<string>): readonly string[] => [...new Set(lines)].toSorted();
const byEmail = <T extends { readonly email?: unknown }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((a, b) => (String(a.email) < String(b.email) ? -1 : 1));
const withoutNulls = (row: object): object =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

const network = (url: string): string => `base_url: "${url}", allow_private_network: true`;
const gently = `late: 0s\nretry: { attempts: 4, deadline: 10min }`;

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

const hubspotAccount = (url: string): string => `type: hubspot
credentials: { access_token: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`;

const hubspot = {
  start: () => startFakeHubspot({ token: env.LAB_TOKEN }),
  destination: hubspotAccount,
  mark: emailOf,
  spoilt: { status: 400, body: { category: "VALIDATION_ERROR", message: "Invalid input JSON" } },
  refuse: ({ state }: Fake<HubspotState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<HubspotState>) => state.refuse.clear(),
  gone: { status: 404, body: { status: "error", category: "OBJECT_NOT_FOUND", message: "gone" } },
  refusal: { code: "VALIDATION_ERROR", message: "Property values were not valid: <email>" },
};

const contactOf = (person: Person): object =>
  withoutNulls({ email: emailOf(person), firstname: person.name, points: String(person.points) });
const contacts = ({ state }: Fake<HubspotState>): unknown => byEmail([...state.contacts.values()]);
const contactMappings = `mappings: [{ to: firstname, from: name }, { to: points, from: points }]`;

const hubspotUpsert: Platform = {
  ...hubspot,
  name: "hubspot_contact_kept",
  sync: `object: contact
    mode: upsert
    key: { email: email }
    nulls: clear
    ${contactMappings}`,
  writing: "/contacts/batch/upsert",
  held: contacts,
  desired: (_, ever) => byEmail(ever.map(contactOf)),
};

const hubspotMirror: Platform = {
  ...hubspotUpsert,
  name: "hubspot_contact_deleted",
  sync: `object: contact
    mode: mirror
    on_leave: delete
    key: { email: email }
    nulls: clear
    ${contactMappings}`,
  desired: (now) => byEmail(now.map(contactOf)),
};

const hubspotList: Platform = {
  ...hubspot,
  name: "hubspot_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${contactMappings}`,
  writing: "/contacts/batch/upsert",
  held: ({ state }: Fake<HubspotState>) =>
    [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.contacts.get(id)?.["email"]))),
    ),
  desired: (now) => [byText(now.map(emailOf))],
};

const klaviyo = {
  start: () => startFakeKlaviyo({ key: env.LAB_TOKEN }),
  destination: (url: string) => klaviyoAccount(url, 2000),
  mark: emailOf,
  spoilt: { status: 400, body: { errors: [{ code: "invalid", detail: "Invalid input." }] } },
  refuse: ({ state }: Fake<KlaviyoState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<KlaviyoState>) => state.refuse.clear(),
  gone: { status: 404, body: { errors: [{ code: "not_found", detail: "gone" }] } },
  refusal: { code: "invalid", message: "Invalid email address <email>" },
};

export const klaviyoAccount = (url: string, singles: number): string => `type: klaviyo
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { single_imports: ${singles}, ${network(url)} }
${gently}`;

const profileMappings = `mappings: [{ to: first_name, from: name }, { to: points, from: points }]`;

const klaviyoProfile: Platform = {
  ...klaviyo,
  name: "klaviyo_profile",
  sync: `object: profile
    mode: upsert
    nulls: clear
    identifiers: { email: email }
    ${profileMappings}`,
  writing: "/api/profile-import",
  rowByRow: true,
  held: ({ state }: Fake<KlaviyoState>) => byEmail([...state.profiles.values()].map(withoutNulls)),
  desired: (_, ever) =>
    byEmail(
      ever.map((person) =>
        withoutNulls({ email: emailOf(person), first_name: person.name, properties: { points: person.points } }),
      ),
    ),
};

const klaviyoList: Platform = {
  ...klaviyo,
  name: "klaviyo_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody" }
    identifiers: { email: email }
    ${profileMappings}`,
  writing: "/api/profile-import",
  rowByRow: true,
  // Who left the list is still a profile.
  held: ({ state }: Fake<KlaviyoState>) => ({
    profiles: byText([...state.profiles.values()].map(({ email }) => String(email))),
    members: [...state.lists.values()].map(({ members }) =>
      byText([...members].map((id) => String(state.profiles.get(id)?.["email"]))),
    ),
  }),
  desired: (now, ever) => ({
    profiles: byText([...ever.map(emailOf), ...addresses(ever)]),
    members: [byText(now.map(emailOf))],
  }),
};

/** A list keeps the profile of an e-mail that was changed. */
const addresses = (ever: readonly Person[]): readonly string[] =>
  ever.some((person) => emailOf(person) === "cyra@example.org") ? ["cy@example.com"] : [];

export const klaviyoJobs: Platform = {
  ...klaviyoList,
  name: "klaviyo_list_by_jobs",
  destination: (url) => klaviyoAccount(url, 0),
  writing: "/profile-bulk-import-jobs",
  rowByRow: false,
};

const webhook = (format: "json" | "ndjson", object: "member" | "record"): Platform => ({
  name: `webhook_${object}_${format}`,
  start: () => startWebhookReceiver({ secret: env.LAB_SECRET }),
  destination: (url) => `type: webhook
credentials: { secret: "\${env:LAB_SECRET}" }
config: { url: "${url}/in", format: ${format}, allow_private_network: true }
${gently}`,
  sync: `object: ${object}
    mode: mirror
    ${object === "record" ? "on_leave: delete" : "on_leave: remove"}
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  writing: "POST /in",
  held: ({ state }: Fake<WebhookState>) =>
    Object.fromEntries([...state.members].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  // A webhook gets identifiers as the shop has them, spaces and all.
  desired: (now) =>
    Object.fromEntries(
      now.map(({ id, email, name, points }) => [
        String(id),
        { identifiers: { email: email?.[0] }, fields: { name, points } },
      ]),
    ),
  mark: emailOf,
  spoilt: { status: 422, body: { message: "cannot read it" } },
  refuse: ({ state }: Fake<WebhookState>, { id }) =>
    void state.refuse.set(String(id), { code: "no", message: "not this one" }),
  forgive: ({ state }: Fake<WebhookState>) => state.refuse.clear(),
  gone: { status: 410, body: { message: "gone" } },
  refusal: { code: "no", message: "not this one" },
});

export const platforms: readonly Platform[] = [
  meta,
  hubspotUpsert,
  hubspotMirror,
  hubspotList,
  klaviyoProfile,
  klaviyoList,
  klaviyoJobs,
  webhook("json", "member"),
  webhook("ndjson", "record"),
];

const syncOf = ({ name, sync }: Platform): string => `  - name: ${name}
    model: customers
    destination: ${name}
    rejected_rows: { warn: 100%, fail: 100% }
    ${sync}
`;

const models = `seeds:
  - name: people
    column_types: { id: bigint, email: varchar, phone: varchar, name: varchar, points: bigint }
models:
  - { name: customers, primary_key: id }
syncs:
`;

/** One project that sends everybody to all of these platforms. */
export const startPlatforms = (some: readonly { readonly platform: Platform; readonly url: string }[]): Promise<Lab> =>
  startLab({
    "models/customers.sql": "select * from {{ ref('people') }}\n",
    "models/models.yml": models + some.map(({ platform }) => syncOf(platform)).join(""),
    ...Object.fromEntries(
      some.map(({ platform, url }) => [
        `destinations/${platform.name}.yml`,
        `destination: ${platform.name}\n${platform.destination(url)}\n`,
      ]),
    ),
  });
