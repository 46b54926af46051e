/** Signing in that fails, through the vendors' own clients: a server answers as BigQuery and Snowflake do, since emulators let everybody in. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctorSchema } from "../../src/cli/schemas/world.ts";
import { millrace } from "../cli/millrace.ts";
import { clients } from "./emulators/bigquery.ts";
import { driver } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

const secret = "invented-secret";
let server: Server;
let answer: { readonly status: number; readonly body: object } = { status: 500, body: {} };

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What doctor says of the warehouse: its message and the next step; everything that it prints holds no secret. */
async function told(warehouse: (endpoint: string) => string, packages: string): Promise<readonly (string | null)[]> {
  const cwd = await mkdtemp(path.join(tmpdir(), "millrace-sign-in-"));
  try {
    const yaml = warehouse(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const environments = `{ prod: { prod: true, warehouse: ${yaml} } }`;
    await writeFile(path.join(cwd, "millrace.yml"), `version: 1\nname: shop\nenvironments: ${environments}\n`);
    await symlink(path.join(packages, "node_modules"), path.join(cwd, "node_modules"));
    const { stdout, stderr, exit } = await millrace(["doctor", "-e", "prod", "--json"], {
      cwd,
      env: { SECRET: secret },
    });
    expect(exit).toBe(1);
    expect(stdout + stderr).not.toContain(secret);
    const failed = doctorSchema.parse(JSON.parse(stdout)).checks.filter(({ status }) => status === "failed");
    expect(failed.map(({ name }) => name)).toEqual(["warehouse"]);
    return [failed[0]?.message ?? null, failed[0]?.hint ?? null];
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

where("BigQuery's client", [clients], () => {
  test.each<[string, number, string, string, string, RegExp]>([
    [
      "a project that is not there",
      404,
      "notFound",
      "Not found: Project acme-dhw",
      "E722: there is no project acme-dhw, or the account may not see it",
      /connection\.project/,
    ],
    [
      "an account that may run nothing there",
      403,
      "accessDenied",
      "Access Denied: Project acme-dwh: User does not have bigquery.jobs.create permission in project acme-dwh.",
      "E721: Access Denied: Project acme-dwh: User does not have bigquery.jobs.create permission in project acme-dwh.",
      /millrace grants/,
    ],
    [
      "a token that has expired",
      401,
      "authError",
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
      "E723: Request had invalid authentication credentials. Expected OAuth … access token, login cookie or other valid authentication credential.",
      /sign in anew/,
    ],
  ])("%s", async (_, code, reason, message, expected, hint) => {
    answer = { status: code, body: { error: { code, message, errors: [{ message, domain: "global", reason }] } } };
    const found = await told(
      (endpoint) => `{ type: bigquery, connection: { project: acme-dwh, endpoint: "${endpoint}" } }`,
      clients,
    );
    expect(found).toEqual([expected, expect.stringMatching(hint)]);
  });
});

where("Snowflake's driver", [driver], () => {
  test.each<[string, string, string, string, string, RegExp]>([
    [
      "a wrong password",
      "password",
      "390100",
      "Incorrect username or password was specified.",
      "E736: cannot connect to Snowflake: Incorrect username or password was specified.",
      /check `user`/,
    ],
    [
      "a token that has expired",
      "token",
      "390318",
      "OAuth access token expired. [4c1e0000-0000-0000-0000-00000000aaaa]",
      "E737: cannot connect to Snowflake: OAuth access token expired. [4c1e0000-0000-0000-0000-00000000aaaa]",
      /get a new token/,
    ],
    [
      "a role that the user does not have",
      "token",
      "390189",
      "Role 'MILLRACE' specified in the connect string is not granted to this user. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
      "E739: cannot connect to Snowflake: Role 'MILLRACE' specified in the connect string is not granted to this user. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
      /GRANT ROLE/,
    ],
  ])("%s", async (_, key, code, message, expected, hint) => {
    answer = {
      status: 200,
      body: { data: { nextAction: "RETRY_LOGIN" }, code, message, success: false, headers: null },
    };
    const found = await told(
      (endpoint) =>
        `{ type: snowflake, database: DWH, role: MILLRACE, connection: { account: acme-eu, user: MILLRACE, ${key}: "\${env:SECRET}", endpoint: "${endpoint}" } }`,
      driver,
    );
    expect(found).toEqual([expected, expect.stringMatching(hint)]);
  });
});
