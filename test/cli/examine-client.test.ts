import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { examineClient } from "../../src/cli/examine-client.ts";
import type { RemoteSpec } from "../../src/models/connection.ts";
import type { Project } from "../../src/project/project.ts";

const slow = "without @google-cloud/bigquery-storage, results of more than 50,000 rows come page by page";

test.each<[string, RemoteSpec["type"], Readonly<Record<string, string>>, string, string]>([
  [
    "the one of the tests",
    "bigquery",
    { "@google-cloud/bigquery": "8.3.1" },
    "ok",
    `@google-cloud/bigquery 8.3.1; ${slow}`,
  ],
  [
    "with the one of the Storage API",
    "bigquery",
    { "@google-cloud/bigquery": "9.0.0", "@google-cloud/bigquery-storage": "5.1.2" },
    "ok",
    "@google-cloud/bigquery 9.0.0; @google-cloud/bigquery-storage 5.1.2",
  ],
  ["Snowflake's", "snowflake", { "snowflake-sdk": "3.3.0" }, "ok", "snowflake-sdk 3.3.0"],
  [
    "an old one",
    "snowflake",
    { "snowflake-sdk": "1.9.0" },
    "warning",
    "snowflake-sdk 1.9.0: not a version that millrace was tried with",
  ],
])("%s", async (_, type, installed, status, message) => {
  const root = await mkdtemp(path.join(os.tmpdir(), "millrace-client-"));
  for (const [name, version] of Object.entries(installed)) {
    const at = path.join(root, "node_modules", name);
    await mkdir(at, { recursive: true });
    await writeFile(path.join(at, "package.json"), JSON.stringify({ name, version, main: "index.js" }));
    await writeFile(path.join(at, "index.js"), "");
  }
  expect(examineClient({ root } as Project, { type } as RemoteSpec)).toMatchObject({ name: "client", status, message });
  await rm(root, { recursive: true });
});
