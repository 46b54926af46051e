/** From `connection:` of an environment to what the vendors' clients are opened with; secrets stand in variables and files. */
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openRemote } from "../../src/models/remote-warehouse.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../../src/project/project.ts";
import { driverThat } from "../warehouse/snowflake-driver.ts";

const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" } as const;
const project = (root: string): Project => ({ root, name: "shop", environment: { name: "prod" } }) as Project;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const pem = rsa.export({ type: "pkcs8", format: "pem" }).toString();
const sealed = rsa.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }).toString();
const key = { type: "service_account", client_email: "millrace@shop.example.com", private_key: pem };

const env = {
  USER_NAME: "MILLRACE",
  PEM: pem,
  SEALED: sealed,
  PASS: "open",
  TOKEN: "t",
  PASSWORD: "p",
  PROJECT: "acme",
};

test.each<[string, Readonly<Record<string, string>>, object]>([
  ["a key pair", { private_key: "${env:PEM}" }, { authenticator: "SNOWFLAKE_JWT", privateKey: pem }],
  [
    "an encrypted key of a file",
    { private_key: "${file:key.p8}", passphrase: "${env:PASS}" },
    { authenticator: "SNOWFLAKE_JWT", privateKey: pem },
  ],
  ["an OAuth token", { token: "${env:TOKEN}" }, { authenticator: "OAUTH", token: "t" }],
  ["a password", { password: "${env:PASSWORD}" }, { authenticator: "SNOWFLAKE", password: "p" }],
])("Snowflake: %s", async (_, signIn, expected) => {
  const driver = driverThat(() => undefined);
  await writeFile(path.join(driver.projectFolder, "key.p8"), sealed, { mode: 0o600 });
  const connection = { account: "acme-eu", user: "${env:USER_NAME}", ...signIn };
  const spec: SnowflakeSpec = {
    type: "snowflake",
    connection,
    database: "DWH",
    warehouse: "XS",
    role: "R",
    ...schemas,
  };
  await (await openRemote(project(driver.projectFolder), spec, env)).close();
  expect(driver.logins).toHaveLength(1);
  const { authenticator, privateKey, token, password, ...place } = driver.logins[0] ?? {};
  const given = Object.entries({ authenticator, privateKey, token, password });
  expect(Object.fromEntries(given.filter(([, value]) => value !== undefined))).toEqual(expected);
  expect(place).toMatchObject({
    account: "acme-eu",
    username: "MILLRACE",
    database: "DWH",
    warehouse: "XS",
    role: "R",
  });
});

const account = "ledger@acme.iam.gserviceaccount.com";
const impersonated = (source: object) => ({ authClient: { targetPrincipal: account, source } });

test.each<[string, Readonly<Record<string, string>>, object]>([
  ["a service account's key of a file", { credentials: "${file:key.json}" }, { credentials: key }],
  ["whom the machine is signed in as", {}, {}],
  ["an account in whose name the machine acts", { impersonate: account }, impersonated({})],
  [
    "an account in whose name a key acts",
    { impersonate: account, credentials: "${file:key.json}" },
    impersonated({ credentials: key }),
  ],
])("BigQuery: %s", async (_, signIn, expected) => {
  const root = await mkdtemp(path.join(os.tmpdir(), "millrace-remote-"));
  await writeFile(path.join(root, "key.json"), JSON.stringify(key), { mode: 0o600 });
  await install(root, "@google-cloud/bigquery", bigquery);
  await install(root, "google-auth-library", auth);
  const spec = { type: "bigquery", connection: { project: "${env:PROJECT}", ...signIn }, ...schemas };
  await (await openRemote(project(root), spec as unknown as BigQuerySpec, env)).close();
  expect((globalThis as Record<string, unknown>)["bigqueryOpenedBy"]).toEqual({
    projectId: "acme",
    userAgent: "millrace",
    ...expected,
  });
});

const bigquery =
  "exports.BigQuery = class { constructor({ retryOptions, ...options }) { globalThis.bigqueryOpenedBy = options; } };";
const auth = `exports.GoogleAuth = class {
  constructor({ scopes, ...given }) { this.given = given; }
  async getClient() { return this.given; }
};
exports.Impersonated = class {
  constructor({ sourceClient, targetPrincipal }) { return { source: sourceClient, targetPrincipal }; }
};`;

async function install(root: string, name: string, source: string): Promise<void> {
  const at = path.join(root, "node_modules", name);
  await mkdir(at, { recursive: true });
  await writeFile(path.join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  await writeFile(path.join(at, "index.js"), source);
}
