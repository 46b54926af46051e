import type { ChildProcess } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { emptyFolder, millrace, spawnMillrace } from "./millrace.ts";

/** A platform that asks for the run to be interrupted before it answers its first request. */
async function interruptingPlatform(interrupt: () => void) {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      requests += 1;
      if (requests === 1) interrupt();
      setTimeout(() => response.writeHead(200).end(), 200);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s stops between batches and exits with %i",
  async (signal, code) => {
    const cwd = await emptyFolder();
    let child: ChildProcess | undefined;
    const platform = await interruptingPlatform(() => child?.kill(signal));
    await millrace(["init"], { cwd });
    await writeFile(
      path.join(cwd, "destinations/crm_files.yml"),
      `destination: crm_files\ntype: webhook\nconfig: { url: "${platform.url}", rows: 1, allow_private_network: true }\n`,
    );
    const { stdout, stderr, exit } = await spawnMillrace(["sync", "lapsed_buyers", "--json"], {
      cwd,
      started: (started) => (child = started),
    });
    platform.close();
    expect(exit).toBe(code);
    expect(stderr).toContain("Finishing the current batches, then stopping");
    const run = runSchema.parse(JSON.parse(stdout));
    expect(run.status).toBe("interrupted");
    const { accepted, unknown, unsent } = run.syncs[0]!.outcomes;
    expect(accepted + unknown).toBeGreaterThan(0);
    expect(unsent).toBeGreaterThan(0);
    platform.close();
    await rm(cwd, { recursive: true, force: true });
  },
  60_000,
);
