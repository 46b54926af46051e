import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, until } from "./needs.ts";

const execute = promisify(execFile);

export interface Sshd {
  readonly port: number;
  /** As `ssh-keygen -lf` prints it. */
  readonly hostKey: string;
  /** Private keys that may log in as `nobody`; the second has the passphrase `phrase of the lab`. */
  readonly keys: readonly [plain: string, locked: string];
  /** The folder, from outside the chroot, that is `/files` inside. */
  readonly files: string;
  /** Ends the connections there are. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

const settings = (folder: string, port: number): string => `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host_key
PidFile ${folder}/sshd.pid
UsePAM no
StrictModes no
PasswordAuthentication no
AuthorizedKeysFile ${folder}/authorized_keys
Subsystem sftp internal-sftp
ChrootDirectory ${folder}/root
ForceCommand internal-sftp
`;

/** OpenSSH's sshd on a port of its own that serves SFTP in a chroot and nothing else. Needs root, as chroots do. */
export async function startSshd(): Promise<Sshd> {
  // sshd takes no chroot below a folder that others may write to, as /tmp is.
  const folder = await mkdtemp("/run/millrace-sshd-");
  await chmod(folder, 0o755);
  const keygen = (file: string, phrase: string) =>
    execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", phrase, "-C", "lab", "-f", join(folder, file)]);
  await keygen("host_key", "");
  await keygen("plain", "");
  await keygen("locked", "phrase of the lab");
  const text = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  await writeFile(join(folder, "authorized_keys"), (await text("plain.pub")) + (await text("locked.pub")), {
    mode: 0o644,
  });
  const files = join(folder, "root/files");
  await mkdir(files, { recursive: true, mode: 0o755 });
  const { stdout: nobody } = await execute("id", ["-u", "nobody"]);
  await chown(files, Number(nobody), -1);
  await mkdir("/run/sshd", { recursive: true });

  const port = await freePort();
  await writeFile(join(folder, "sshd_config"), settings(folder, port));
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (line: string) => (said += line));
  await until(
    () => answers(port),
    () => said,
  );
  const { stdout } = await execute("ssh-keygen", ["-lf", join(folder, "host_key.pub")]);
  return {
    port,
    hostKey: /SHA256:\S+/.exec(stdout)?.[0] ?? "",
    keys: [await text("plain"), await text("locked")],
    files,
    // Nobody connected: nothing to end.
    cut: () => execute("pkill", ["-P", String(server.pid)]).then(nothing, nothing),
    async close() {
      const ended = new Promise((resolve) => server.on("close", resolve));
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(() => resolve(true)));
    socket.on("error", () => resolve(false));
  });

const nothing = (): void => undefined;
