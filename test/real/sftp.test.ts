/** The destination `sftp` against OpenSSH's sshd, in a chroot. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { checkDestination } from "../../src/engine/check.ts";
import { foldRuns } from "../e2e/support/file-runs.ts";
import { env, type Lab } from "../e2e/platforms/lab.ts";
import { killedSync, people, startProject } from "./project.ts";
import { describeWith, until } from "./servers/needs.ts";
import { startSshd, type Sshd } from "./servers/sshd.ts";

describeWith({ sshd: "/usr/sbin/sshd" })("sftp", () => {
  let server: Sshd;
  let lab: Lab;
  let runs = 0;
  /** Each test has a folder of its own. */
  let folder = "";
  beforeAll(async () => void (server = await startSshd()));
  afterAll(() => server?.close());
  beforeEach(() => {
    env.LAB_TOKEN = server.keys[0];
    env.LAB_SECRET = "";
    folder = `to ${++runs}/shop`;
  });
  afterEach(() => lab?.close());

  const account = (more = ""): string => `type: sftp
credentials: { user: nobody, private_key: "\${env:LAB_TOKEN}"${env.LAB_SECRET === "" ? "" : ', passphrase: "${env:LAB_SECRET}"'} }
config: { host: localhost, port: ${server.port}, host_key: "${server.hostKey}", path: "/files/${folder}", allow_private_network: true${more} }
retry: { attempts: 3, deadline: 10min }`;
  async function start(more = ""): Promise<void> {
    lab = await startProject(
      account(more),
      `object: record
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
    );
  }
  const held = async () => await foldRuns(join(server.files, folder), "there");
  const row = ({ id, email, name, points }: ReturnType<typeof people>[number]) => ({
    key: id,
    identifiers: { email },
    fields: { name, points },
  });

  it("writes whole runs: adds, updates, removals, and nothing when nothing changed", async () => {
    await start();
    await lab.seed("people", people(1, 300));
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 300 } });
    expect(await held()).toEqual(people(1, 300).map(row));
    const now = [...people(2, 299, (id) => (id === 2 ? { points: 7 } : {})), ...people(2000, 2001)];
    await lab.seed("people", now);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 5 } });
    expect(await held()).toEqual(now.map(row));
    const before = await readdir(join(server.files, folder, "there"));
    expect((await lab.run("there")).status).toBe("unchanged");
    expect(await readdir(join(server.files, folder, "there"))).toEqual(before);
  });

  it("closes the folder of a run that was killed, and is right after it", async () => {
    await start(", format: jsonl");
    await lab.seed("people", people(1, 20));
    await lab.run("there");
    await lab.seed("people", people(1, 8000));
    const open = async () =>
      (await readdir(join(server.files, folder, "there"))).find((name) => name.endsWith(".partial"));
    await killedSync(lab, env, async () => {
      const run = await open();
      return run !== undefined && (await readdir(join(server.files, folder, "there", run))).length > 0;
    });
    expect(await open()).toBeDefined();
    await lab.sync();
    await lab.sync();
    expect(await open()).toBeUndefined();
    expect((await held()).length).toBe(8000);
  });

  it("connects again when the connection is cut in the middle of a file", async () => {
    await start();
    await lab.seed("people", people(1, 30_000));
    const running = lab.run("there");
    await until(async () => (await readdir(join(server.files, folder, "there")).catch(() => [])).length > 0);
    await server.cut();
    expect(await running).toMatchObject({ status: "ok", outcomes: { accepted: 30_000 } });
    expect(lab.slept()).toBeGreaterThan(0);
    expect((await held()).length).toBe(30_000);
  });

  it("logs in with a locked key, and says what is wrong with an account", async () => {
    env.LAB_TOKEN = server.keys[1];
    env.LAB_SECRET = "phrase of the lab";
    await start();
    await lab.seed("people", people(1, 2));
    const told = async () => (await checkDestination({ ...(await lab.options()), destination: "there" }))[0];
    expect(await told()).toMatchObject({ ok: true });
    env.LAB_SECRET = "another phrase";
    expect(await told()).toMatchObject({ ok: false, message: expect.stringContaining("refuses the user, its key") });
    expect(await lab.run("there")).toMatchObject({ status: "failed", error: { code: "E812" } });
  });

  it("says nothing to a server whose key is not the pinned one", async () => {
    await start();
    await lab.seed("people", people(1, 2));
    const other = `SHA256:${"A".repeat(43)}`;
    await lab.write("destinations/there.yml", `destination: there\n${account().replace(server.hostKey, other)}\n`);
    const { status, error, outcomes } = await lab.run("there");
    expect({ status, code: error?.code, outcomes }).toMatchObject({
      status: "failed",
      code: "E831",
      outcomes: { accepted: 0, unsent: 2 },
    });
    expect(error?.message).toContain(server.hostKey);
  });

  it("stops where it may not write, and where a file stands in its way", async () => {
    folder = "../etc";
    await start();
    await lab.seed("people", people(1, 2));
    expect(await lab.run("there")).toMatchObject({ status: "failed", error: { code: "E813" } });
    await lab.close();
    folder = `blocked ${runs}`;
    await mkdir(join(server.files, folder));
    await writeFile(join(server.files, folder, "there"), "a file");
    await start();
    await lab.seed("people", people(1, 2));
    expect((await lab.run("there")).outcomes.accepted).toBe(0);
  });
});
