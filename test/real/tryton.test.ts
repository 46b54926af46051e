/** Tryton's parties and their addresses through `http`, with YAML alone: as somebody would whose CRM millrace does not know. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { env, type Lab } from "../e2e/platforms/lab.ts";
import { killedSync, people, startProject } from "./project.ts";
import { describeWith } from "./servers/needs.ts";
import { account, type Party, startTryton, type Tryton, trytond } from "./servers/tryton.ts";

/** Written from Tryton's documentation of its REST API. */
const yaml = (url: string): string => `type: http
credentials: { bearer: "\${env:LAB_TOKEN}" }
config:
  url: "${url}"
  allow_private_network: true
  find:
    method: POST
    path: /party.party/search_read
    json: { domain: [[code, "=", "C{{ key }}"]], fields_names: [contact_mechanisms] }
    id: /0/id
    keep: { address: /0/contact_mechanisms/0 }
  add:
    method: POST
    path: /party.party
    json:
      code: "C{{ key }}"
      name: "{{ fields.name }}"
      contact_mechanisms: [[create, [{ type: email, value: "{{ identifiers.email }}" }]]]
    id: /id
  update:
    method: PUT
    path: "/party.party/{{ remote_id }}"
    json:
      name: "{{ fields.name }}"
      contact_mechanisms: [[write, ["{{ found.address }}"], { value: "{{ identifiers.email }}" }]]
  remove: { method: DELETE, path: "/party.party/{{ remote_id }}", done: [404] }
  answer: { message: /message }
retry: { attempts: 3, deadline: 10min }`;

const sync = `object: record
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    mappings: [{ to: name, from: name }]`;

const parties = (rows: ReturnType<typeof people>): readonly Party[] =>
  rows.map(({ id, name, email }) => ({ code: `C${id}`, name: String(name), emails: [String(email)] }));

describeWith({ Tryton: trytond })("Tryton", () => {
  let server: Tryton;
  let lab: Lab;
  beforeEach(async () => {
    server = await startTryton();
    env.LAB_TOKEN = account.key;
    lab = await startProject(yaml(server.url), sync);
  });
  afterEach(async () => {
    await lab?.close();
    await server?.close();
  });

  it("makes, changes and deletes parties; who was there is taken over, who was typed in is left alone", async () => {
    const typed = { code: "V1", name: "Vera", emails: ["vera@example.org"] };
    await server.type(typed);
    await server.type({ code: "C3", name: "Typed before", emails: ["before@example.org"] });
    await lab.seed(
      "people",
      people(1, 12, (id) => (id === 5 ? { name: "P5\tof two cells" } : {})),
    );
    const { document } = await lab.sync();
    expect(document.syncs[0]).toMatchObject({ status: "partial", outcomes: { accepted: 11, rejected: 1 } });
    expect((await lab.rejected(document.run_id)).map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(/^http_400 The value .* for field "Name" .* contains some invalid chars/),
    ]);
    expect(await server.parties()).toEqual([...parties(people(1, 12).filter(({ id }) => id !== 5)), typed]);

    await server.erase("C4");
    const changes: Readonly<Record<number, Readonly<Record<string, string>>>> = {
      2: { name: "Zoë & Co" },
      3: { email: "moved@example.net" },
      4: { name: "Back again" },
    };
    const now = [...people(2, 12, (id) => changes[id] ?? {}), ...people(20, 20)];
    await lab.seed("people", now);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 6 } });
    expect(await server.parties()).toEqual([...parties(now), typed]);
    expect((await lab.run("there")).status).toBe("unchanged");
  });

  it("is right after a run that was killed", async () => {
    await lab.seed("people", people(1, 40));
    await killedSync(lab, env, async () => (await server.parties()).length > 3);
    await lab.sync();
    await lab.sync();
    expect(await server.parties()).toEqual(parties(people(1, 40)));
    expect((await lab.run("there")).status).toBe("unchanged");

    // None of them is held back as one in doubt.
    const renamed = people(1, 40, (id) => ({ name: `N${id}` }));
    await lab.seed("people", renamed);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 40 } });
    expect(await server.parties()).toEqual(parties(renamed));
  });
});
