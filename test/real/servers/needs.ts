/** What a test of real servers needs from its machine: absent, it is skipped by name, but in CI it fails. */
import { existsSync, readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

/** The ignored folder of scripts/install-real.sh. */
export const tools = fileURLToPath(new URL("../../../.real", import.meta.url));

/** `describe` where all of these paths are there; in CI always, so that what is absent fails. */
export function describeWith(
  paths: Readonly<Record<string, string | undefined>>,
): (name: string, tests: () => void) => void {
  const absent = Object.entries(paths).filter(([, path]) => path === undefined || !existsSync(path));
  if (absent.length === 0 || process.env["CI"] !== undefined) return (name, tests) => void describe(name, tests);
  const names = absent.map(([name]) => name).join(", ");
  return (name, tests) =>
    void describe.skip(`${name} (not here: ${names}; scripts/install-real.sh installs it)`, tests);
}

/** The folder of the newest PostgreSQL of Debian's packages. */
export function postgresBin(): string | undefined {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(a) - Number(b)) : [];
  const newest = versions.at(-1);
  return newest === undefined ? undefined : `${base}/${newest}/bin`;
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until `ready` is true, asked every 5 ms; fails after 30 s with what `said` tells. */
export async function until(ready: () => boolean | Promise<boolean>, said: () => string = () => ""): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it is not ready after 30 s: ${said()}`);
}
