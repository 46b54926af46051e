import { type SheetsState, startFakeSheets } from "../../../fakes/google-sheets.ts";
import type { Fake } from "../../../fakes/server.ts";
import { emailOf } from "../people.ts";
import { byEmail, gently, network, type Platform } from "../platform.ts";

const sheets: Platform = {
  name: "google_sheets",
  start: () => startFakeSheets("Bo's people"),
  destination: (url) => `type: google-sheets
credentials: { client_email: robot@example.com, private_key: "\${env:LAB_KEY}" }
config: { spreadsheet: S1, ${network(url)} }
${gently}`,
  sync: `object: record
    mode: mirror
    on_leave: delete
    remote: { sheet: "Bo's people", key: id }
    nulls: clear
    mappings: [{ to: email, from: email }, { to: name, from: name }, { to: points, from: points }]`,
  writing: "POST /v4/spreadsheets/S1/values",
  held({ state }: Fake<SheetsState>) {
    const [headings = [], ...lines] = state.grid;
    return byEmail(lines.map((line) => Object.fromEntries(headings.map((name, index) => [name, line[index]]))));
  },
  desired: (now) =>
    byEmail(
      now.map(({ id, email, name, points }) => ({ id: String(id), email: email?.[0], name: name ?? "", points })),
    ),
  mark: emailOf,
  spoilt: { status: 400, body: { error: { code: 400, status: "INVALID_ARGUMENT", message: "Invalid value" } } },
  refuse: ({ state }: Fake<SheetsState>, person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<SheetsState>) => state.refuse.clear(),
  gone: {
    status: 404,
    body: { error: { code: 404, status: "NOT_FOUND", message: "Requested entity was not found." } },
  },
  refusal: { code: "INVALID_ARGUMENT", message: "Invalid value" },
};

export default [sheets];
