/** GNU Mailman through `http`, with YAML alone: as somebody would whose tool millrace does not know. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { env, type Lab } from "../e2e/platforms/lab.ts";
import { killedSync, people, startProject } from "./project.ts";
import { account, type Mailman, runner, startMailman } from "./servers/mailman.ts";
import { describeWith } from "./servers/needs.ts";

/** Written from Mailman's REST documentation. */
const yaml = (url: string): string => `type: http
credentials: { basic: { username: ${account.user}, password: "\${env:LAB_TOKEN}" } }
config:
  url: "${url}"
  allow_private_network: true
  find: { method: GET, path: "/lists/news.example.com/member/{{ identifiers.email }}", id: /member_id }
  add:
    method: POST
    path: /members
    form:
      list_id: news.example.com
      subscriber: "{{ identifiers.email }}"
      display_name: "{{ fields.name }}"
      pre_verified: "true"
      pre_confirmed: "true"
      pre_approved: "true"
      send_welcome_message: "false"
    id_header: location
  update: { method: PATCH, path: "/users/{{ identifiers.email }}", form: { display_name: "{{ fields.name }}" } }
  remove: { method: DELETE, path: "/members/{{ remote_id }}", done: [404] }
  answer: { message: /description }
retry: { attempts: 3, deadline: 10min }`;

const sync = `object: record
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    mappings: [{ to: name, from: name }]`;

describeWith({ "GNU Mailman": runner })("GNU Mailman", () => {
  let server: Mailman;
  let lab: Lab;
  beforeEach(async () => {
    server = await startMailman();
    env.LAB_TOKEN = account.password;
    lab = await startProject(yaml(server.url), sync);
  });
  afterEach(async () => {
    await lab?.close();
    await server?.close();
  });
  const named = (rows: ReturnType<typeof people>) =>
    Object.fromEntries(rows.map(({ email, name }) => [email, name] as [string, string]).toSorted());

  it("subscribes, renames and removes; refused addresses are named; nothing is sent twice", async () => {
    await lab.seed(
      "people",
      people(1, 12, (id) => (id === 5 ? { email: "no address" } : {})),
    );
    const { document } = await lab.sync();
    expect(document.syncs[0]).toMatchObject({ status: "partial", outcomes: { accepted: 11, rejected: 1 } });
    expect((await lab.rejected(document.run_id)).map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(/^http_400 Invalid Parameter "subscriber"/),
    ]);
    expect(await server.members()).toEqual(named(people(1, 12).filter(({ id }) => id !== 5)));

    const now = [...people(2, 12, (id) => (id === 2 ? { name: "Zoe & Co" } : {})), ...people(20, 20)];
    await lab.seed("people", now);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 4 } });
    expect(await server.members()).toEqual(named(now));
    expect((await lab.run("there")).status).toBe("unchanged");
  });

  it("is right after a run that was killed", async () => {
    await lab.seed("people", people(1, 40));
    await killedSync(lab, env, async () => Object.keys(await server.members()).length > 3);
    await lab.sync();
    await lab.sync();
    expect(await server.members()).toEqual(named(people(1, 40)));
    expect((await lab.run("there")).status).toBe("unchanged");
  });
});
