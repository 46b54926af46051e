import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, tools, until } from "./needs.ts";

/** `emails`: values of the party's contact mechanisms. */
export interface Party {
  readonly code: string;
  readonly name: string;
  readonly emails: readonly string[];
}

export interface Tryton {
  /** Of the REST API for records. */
  readonly url: string;
  /** All there are, by code. */
  parties(): Promise<readonly Party[]>;
  /** What somebody does in the CRM by hand. */
  type(party: Party): Promise<void>;
  erase(code: string): Promise<void>;
  close(): Promise<void>;
}

/** `key`: of the user application that the REST API lets in. */
export const account = { user: "admin", password: "password-of-the-lab", key: "key-of-the-lab" };
export const trytond = join(tools, "tryton/bin/trytond");

interface Told {
  readonly id: number;
  readonly code: string;
  readonly name: string | null;
  readonly contact_mechanisms: readonly { readonly value: string }[];
}

/** Runs to its end, or goes on until it is killed; `ended` gives the exit code. */
function program(folder: string, name: string, ...words: readonly string[]) {
  const child = spawn(name, ["-c", join(folder, "trytond.conf"), "-d", "crm", ...words], {
    env: { ...process.env, TRYTONPASSFILE: join(folder, "password") },
    stdio: "pipe",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return { child, said: () => said, ended: new Promise<number | null>((resolve) => child.on("close", resolve)) };
}

/** Tryton with parties and their contact mechanisms, a new database in SQLite, and a key for its REST API. */
export async function startTryton(): Promise<Tryton> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-tryton-"));
  const address = `127.0.0.1:${await freePort()}`;
  const settings = `[database]\nuri = sqlite://\npath = ${folder}\n[web]\nlisten = ${address}\n`;
  await writeFile(join(folder, "trytond.conf"), settings);
  await writeFile(join(folder, "password"), account.password);
  await writeFile(join(folder, "crm.sqlite"), "");
  const made = program(
    folder,
    `${trytond}-admin`,
    "-u",
    "party",
    "--activate-dependencies",
    "--email",
    "admin@example.com",
  );
  if ((await made.ended) !== 0) throw new Error(made.said());
  const server = program(folder, trytond);

  const post = (path: string, authorization: string, body: unknown): Promise<Response> =>
    fetch(`http://${address}${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const version = { method: "common.server.version", params: [] };
  const answers = (): Promise<boolean> =>
    post("/rpc/", "", version).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, server.said);
  const basic = Buffer.from(`${account.user}:${account.password}`).toString("base64");
  const application = { user: 1, application: "rest", key: account.key };
  await post("/crm/rpc/", `Basic ${basic}`, {
    method: "model.res.user.application.create",
    params: [[application], {}],
  });

  const [url, bearer] = [`http://${address}/crm/rest/model`, `Bearer ${account.key}`];
  async function read(): Promise<readonly Told[]> {
    const asked = "f=code&f=name&f=contact_mechanisms.value";
    const response = await fetch(`${url}/party.party?${asked}`, { headers: { authorization: bearer } });
    return (await response.json()) as readonly Told[];
  }
  return {
    url,
    async parties() {
      const told = (await read()).map(({ code, name, contact_mechanisms: mechanisms }) => ({
        code,
        name: name ?? "",
        emails: mechanisms.map(({ value }) => value),
      }));
      return told.toSorted((a, b) => a.code.localeCompare(b.code, "en", { numeric: true }));
    },
    async type({ code, name, emails }) {
      const mechanisms = emails.map((value) => ({ type: "email", value }));
      await post("/crm/rest/model/party.party", bearer, { code, name, contact_mechanisms: [["create", mechanisms]] });
    },
    async erase(code) {
      const id = (await read()).find((told) => told.code === code)?.id;
      await fetch(`${url}/party.party/${id}`, { method: "DELETE", headers: { authorization: bearer } });
    },
    async close() {
      server.child.kill();
      await server.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
