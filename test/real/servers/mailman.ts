import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, tools, until } from "./needs.ts";

export interface Mailman {
  readonly url: string;
  /** Names of the list's members by address. */
  members(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export const account = { user: "lab", password: "password-of-the-lab" };
export const runner = join(tools, "mailman/bin/runner");

const settings = (folder: string, port: number): string => `[mailman]
layout: here
[paths.here]
var_dir: ${folder}/var
[webservice]
hostname: 127.0.0.1
port: ${port}
admin_user: ${account.user}
admin_pass: ${account.password}
[mta]
incoming: mailman.mta.null.NullMTA
[database]
url: sqlite:///${folder}/mailman.db
`;

/** Of a roster, and of a user. */
interface Answer {
  readonly entries?: readonly { readonly email: string }[];
  readonly display_name?: string;
}

/** GNU Mailman's REST service, as `mailman start` runs it, with one list: news@example.com. It sends no mail. */
export async function startMailman(): Promise<Mailman> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-mailman-"));
  const port = await freePort();
  await writeFile(join(folder, "mailman.cfg"), settings(folder, port));
  const server = spawn(runner, ["-C", join(folder, "mailman.cfg"), "--runner=rest:0:1"], {
    cwd: folder,
    stdio: "pipe",
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise((resolve) => server.on("close", resolve));

  const url = `http://127.0.0.1:${port}/3.1`;
  const authorization = `Basic ${Buffer.from(`${account.user}:${account.password}`).toString("base64")}`;
  const call = (path: string, form?: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}${path}`, {
      headers: { authorization },
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    });
  const read = async (path: string): Promise<Answer> => (await (await call(path)).json()) as Answer;
  const answers = (): Promise<boolean> =>
    call("/system/versions").then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, () => said);
  await call("/domains", { mail_host: "example.com" });
  await call("/lists", { fqdn_listname: "news@example.com" });
  return {
    url,
    async members() {
      const { entries = [] } = await read("/lists/news.example.com/roster/member");
      const named = entries.map(
        async ({ email }) => [email, (await read(`/users/${email}`)).display_name ?? ""] as const,
      );
      return Object.fromEntries((await Promise.all(named)).toSorted());
    },
    async close() {
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
