import { type OdooState, startFakeOdoo } from "../../../fakes/odoo.ts";
import type { Fake } from "../../../fakes/server.ts";
import { env } from "../lab.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, type Platform } from "../platform.ts";

const odoo = (protocol: "json2" | "jsonrpc", more: Pick<Platform, "spoilt" | "gone">): Platform => ({
  name: `odoo_${protocol}`,
  start: () => startFakeOdoo(env.LAB_TOKEN),
  destination: (url) => `type: odoo
credentials: { api_key: "\${env:LAB_TOKEN}"${protocol === "jsonrpc" ? ", login: ada@example.com" : ""} }
config: { url: "${url}", database: shop, protocol: ${protocol}, allow_private_network: true }
${gently}`,
  sync: `object: record
    mode: mirror
    on_leave: delete
    remote: { model: res.partner }
    nulls: clear
    mappings: [{ to: email, from: email }, { to: name, from: name }, { to: points, from: points }]`,
  writing: protocol === "json2" ? "POST /json/2/res.partner/load" : "POST /jsonrpc",
  // Signing in goes the same way as loading: twice the requests are counted.
  rowByRow: protocol === "jsonrpc",
  held: ({ state }: Fake<OdooState>) =>
    byText(
      [...state.externalIds].map(([name, id]) => {
        const { name: called = "-", points } = state.records.get(id) ?? {};
        return `${name} ${called} ${points}`;
      }),
    ),
  desired: (now) => byText(now.map(({ id, name, points }) => `__import__.res_partner_${id} ${name ?? "-"} ${points}`)),
  mark: emailOf,
  refuse: ({ state }: Fake<OdooState>, person: Person) => void state.refuse.add(emailOf(person)),
  forgive: ({ state }: Fake<OdooState>) => state.refuse.clear(),
  refusal: { code: "load_error", message: "email: wrong value <email>" },
  ...more,
});

const bad = { name: "odoo.exceptions.ValidationError", message: "A value is wrong.", arguments: [], context: {} };

export default [
  odoo("json2", {
    spoilt: { status: 422, body: bad },
    gone: { status: 404, body: { ...bad, name: "werkzeug.exceptions.NotFound" } },
  }),
  odoo("jsonrpc", {
    spoilt: { status: 200, body: { jsonrpc: "2.0", id: 1, error: { code: 200, message: "Server Error", data: bad } } },
    gone: { status: 404, body: {} },
  }),
];
