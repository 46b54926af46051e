import { execFile } from "node:child_process";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, postgresBin } from "./needs.ts";

const execute = promisify(execFile);

export interface Postgres {
  readonly port: number;
  /** Rows of the last statement, every value as text, NULL as null. */
  query(text: string): Promise<readonly Readonly<Record<string, string | null>>[]>;
  /** A connection of its own, as another program has it. */
  session(): Promise<{ query(text: string): Promise<void>; close(): Promise<void> }>;
  close(): Promise<void>;
}

export const password = "password-of-the-lab";

/**
 * A PostgreSQL of this test alone: its own data folder and port, user `millrace` with a password, database `shop`. Started as
 * the user `postgres` where the tests run as root, which PostgreSQL refuses.
 */
export async function startPostgres(): Promise<Postgres> {
  const bin = postgresBin() ?? "";
  const folder = await mkdtemp(join(tmpdir(), "millrace-pg-"));
  const root = process.getuid?.() === 0;
  const run = (program: string, ...args: string[]) =>
    root
      ? execute("runuser", ["-u", "postgres", "--", join(bin, program), ...args], { cwd: folder })
      : execute(join(bin, program), args, { cwd: folder });
  if (root) {
    const { stdout } = await execute("id", ["-u", "postgres"]);
    await chown(folder, Number(stdout), -1);
  }
  const secret = join(folder, "password.txt");
  await writeFile(secret, password, { mode: 0o644 });
  const data = join(folder, "data");
  await run(
    "initdb",
    "-D",
    data,
    "-U",
    "millrace",
    "-A",
    "scram-sha-256",
    `--pwfile=${secret}`,
    "--no-sync",
    "-E",
    "UTF8",
  );
  const port = await freePort();
  const settings = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  await run("pg_ctl", "-D", data, "-w", "-l", join(folder, "log.txt"), "-o", settings, "start");

  const { Client } = ((await import("pg" as string)) as { default: { Client: new (options: object) => any } }).default;
  const connect = async (database: string): Promise<any> => {
    const types = { getTypeParser: () => (text: string) => text };
    const client = new Client({ host: "127.0.0.1", port, user: "millrace", password, database, types });
    await client.connect();
    return client;
  };
  const admin = await connect("postgres");
  await admin.query("CREATE DATABASE shop");
  await admin.end();
  const client = await connect("shop");
  return {
    port,
    query: async (text) => [await client.query(text)].flat().at(-1)?.rows ?? [],
    async session() {
      const other = await connect("shop");
      return { query: async (text) => void (await other.query(text)), close: () => other.end() };
    },
    async close() {
      await client.end();
      await run("pg_ctl", "-D", data, "-m", "immediate", "stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
