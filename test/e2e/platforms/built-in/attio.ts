import { type AttioState, startFakeAttio } from "../../../fakes/attio.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform } from "../platform.ts";

const attio = {
  start: () => startFakeAttio({ key: env.LAB_TOKEN }),
  destination: (url: string) => `type: attio
credentials: { api_key: "\${env:LAB_TOKEN}" }
config: { ${network(url)} }
${gently}`,
  writing: "PUT /v2/objects/people/records",
  rowByRow: true,
  mark: emailOf,
  spoilt: {
    status: 400,
    body: { status_code: 400, type: "invalid_request_error", code: "missing_value", message: "A value is missing." },
  },
  refuse: ({ state }: Fake<AttioState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<AttioState>) => state.refuse.clear(),
  gone: {
    status: 404,
    body: { status_code: 404, type: "invalid_request_error", code: "not_found", message: "Object not found." },
  },
  refusal: { code: "value_not_found", message: "An invalid value was given: <email>" },
};

const mappings = `mappings: [{ to: name.first_name, from: name }, { to: points, from: points }]`;
const rows = (people: readonly Person[]) =>
  byText(people.map((person) => `${emailOf(person)} ${person.name ?? "-"} ${person.points}`));

const record: Platform = {
  ...attio,
  name: "attio_record",
  sync: `object: record
    mode: mirror
    on_leave: delete
    remote: { attio_object: people }
    key: { email_addresses: email }
    nulls: clear
    ${mappings}`,
  held: ({ state }: Fake<AttioState>) =>
    byText(
      [...state.records.values()].map(
        ({ values }) => `${values["email_addresses"]?.join()} ${values["name"]?.full_name ?? "-"} ${values["points"]}`,
      ),
    ),
  desired: rows,
};

const list: Platform = {
  ...attio,
  name: "attio_list",
  sync: `object: list
    mode: mirror
    remote: { name: "Everybody", attio_object: people }
    identifiers: { email_addresses: email }
    ${mappings}`,
  held: ({ state }: Fake<AttioState>) =>
    [...state.lists].map(([id, { name, slug }]) => [
      name,
      slug,
      byText(
        [...state.entries.values()]
          .filter((entry) => entry.list === id)
          .map((entry) => state.records.get(entry.record)?.values["email_addresses"].join()),
      ),
    ]),
  desired: (now) => [["Everybody", "everybody", byText(now.map(emailOf))]],
};

export default [record, list];
