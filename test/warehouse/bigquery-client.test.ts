/** How Google's client is opened, against a stand-in of its package in a project's folder. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it, test } from "vitest";
import { openBigQuery, type BigQueryCredentials } from "../../src/warehouse/bigquery.ts";
import { openClient } from "../../src/warehouse/bigquery-client.ts";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), "millrace-bigquery-"));
});

async function install(name: string, source: string): Promise<void> {
  const at = path.join(project, "node_modules", name);
  await mkdir(at, { recursive: true });
  await writeFile(path.join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  await writeFile(path.join(at, "index.js"), source);
}

/** Answers every call with what it was opened with. */
const standIn = `exports.BigQuery = class { constructor(options) { this.options = options; }
  request(asked, callback) { callback(null, { options: this.options, asked }); } };`;
const authStandIn = `exports.GoogleAuth = class { constructor(options) { this.options = options; } async getClient() { return { source: this.options }; } };
exports.Impersonated = class { constructor(options) { this.options = options; } };`;

const scope = "https://www.googleapis.com/auth/cloud-platform";
const key = { client_email: "millrace@shop.example.com", private_key: "not a key" };

test.each<[string, BigQueryCredentials, object]>([
  ["a service account's key", { kind: "key", key }, { credentials: key }],
  ["whom the machine is signed in as", { kind: "default" }, {}],
  [
    "another account, by the one the machine is signed in as",
    { kind: "impersonation", account: "ledger@shop.example.com" },
    {
      authClient: {
        options: {
          sourceClient: { source: { scopes: [scope] } },
          targetPrincipal: "ledger@shop.example.com",
          targetScopes: [scope],
        },
      },
    },
  ],
  [
    "another account, by a key",
    { kind: "impersonation", account: "ledger@shop.example.com", key },
    {
      authClient: {
        options: {
          sourceClient: { source: { scopes: [scope], credentials: key } },
          targetPrincipal: "ledger@shop.example.com",
          targetScopes: [scope],
        },
      },
    },
  ],
])("signs in as %s", async (_, credentials, expected) => {
  await install("@google-cloud/bigquery", standIn);
  await install("google-auth-library", authStandIn);
  const call = await openClient({ projectId: "shop", credentials, projectFolder: project });
  expect(await call({ method: "GET", uri: "/jobs/x" })).toEqual({
    options: {
      projectId: "shop",
      userAgent: "millrace",
      retryOptions: { autoRetry: true, maxRetries: 6, maxRetryDelay: 16 },
      ...expected,
    },
    asked: { method: "GET", uri: "/jobs/x" },
  });
});

it("asks once, and no more, where all tries got no answer, until an answer comes", async () => {
  const answers = ["null", "new Error('gone')", "new Error('gone')", "{ code: 404 }", "null"];
  await install(
    "@google-cloud/bigquery",
    `const answers = [${answers.join(", ")}]; exports.BigQuery = class { constructor({ retryOptions }) { this.tries = retryOptions.maxRetries ?? 0; }
    request(asked, callback) { const error = answers.shift(); globalThis.triedOfTest.push(this.tries); callback(error, {}); } };`,
  );
  const tried: number[] = [];
  (globalThis as Record<string, unknown>)["triedOfTest"] = tried;
  const credentials = { kind: "none" } as const;
  const call = await openClient({ projectId: "shop", credentials, projectFolder: project });
  const told = await Promise.all(answers.map(() => call({ method: "GET", uri: "/" }).catch(() => undefined)));
  expect(told.length).toBe(answers.length);
  expect(tried).toEqual([6, 6, 0, 0, 6]);
});

it("says which line installs the client where there is none", async () => {
  const opened = openBigQuery({ project: "shop", credentials: { kind: "default" }, projectFolder: project });
  await expect(opened).rejects.toMatchObject({
    diagnostics: [
      {
        code: "E719",
        message: "the package @google-cloud/bigquery is not installed",
        hint: "`npm install @google-cloud/bigquery` in the project's folder, or beside millrace",
      },
    ],
  });
});

it("reads page by page where the package of the Storage API is not installed", async () => {
  await install("@google-cloud/bigquery", standIn);
  const options = { project: "shop", credentials: { kind: "default" }, projectFolder: project } as const;
  const without = (await openBigQuery(options)).capabilities.bulkRead;
  await install("@google-cloud/bigquery-storage", "");
  expect([without, (await openBigQuery(options)).capabilities.bulkRead]).toEqual(["pages", "storage-api"]);
});
