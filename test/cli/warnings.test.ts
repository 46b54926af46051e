/** Warnings of validate: what each asks for ends it, and --warn-error makes it an error. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { emptyFolder, millrace } from "./millrace.ts";

const files = {
  "millrace.yml":
    "version: 1\nname: shop\nenvironments: { dev: { prod: true, warehouse: { type: duckdb, path: ':memory:', seeds: seeds } } }\n",
  "seeds/people.csv": "id,code,email\n1,-012,ada@example.com\n2,5,bo@example.com\n",
  "models/customers.sql": "select * from {{ ref('people') }}",
  "models/customers.yml": [
    "models: [ { name: customers, primary_key: id, identifiers: { email: email } } ]",
    "syncs: [ { name: to_crm, model: customers, destination: crm, object: member, mode: upsert } ]",
  ].join("\n"),
  "destinations/crm.yml": "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\n",
};

async function project(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = await emptyFolder();
  for (const [file, text] of Object.entries({ ...files, ...more })) {
    await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
    await writeFile(path.join(cwd, file), text);
  }
  return cwd;
}

test("W320: people are sent to a real platform and no purpose is asked", async () => {
  const cwd = await project();
  const warned = await millrace(["validate"], { cwd });
  expect(warned).toMatchObject({ exit: 0, stdout: expect.stringContaining("0 errors, 1 warning") });
  expect(warned.stderr).toContain("warning[W320]");
  expect(warned.stderr).toContain("millrace.yml:2:7");
  expect(await millrace(["validate", "--warn-error=W320"], { cwd })).toMatchObject({ exit: 1 });
  await writeFile(path.join(cwd, "millrace.yml"), `${files["millrace.yml"]}privacy: none\n`);
  expect(await millrace(["validate", "--warn-error"], { cwd })).toMatchObject({ exit: 0, stderr: "" });
});

test("W320 is not told where people only go to files, or where nothing real may be called", async () => {
  const toFiles = await project({ "destinations/crm.yml": "destination: crm\ntype: file\nconfig: { path: outbox }\n" });
  expect(await millrace(["validate"], { cwd: toFiles })).toMatchObject({ exit: 0, stderr: "" });
  const safe = files["millrace.yml"].replace("prod: true", "destinations: { '*': { use: file } }");
  expect(await millrace(["validate"], { cwd: await project({ "millrace.yml": safe }) })).toMatchObject({
    exit: 0,
    stderr: "",
  });
});

test("W701: what loading the seeds found is told by validate --online", async () => {
  const cwd = await project({ "millrace.yml": `${files["millrace.yml"]}privacy: none\n` });
  const warned = await millrace(["validate", "--online"], { cwd });
  expect(warned).toMatchObject({ exit: 0, stdout: expect.stringContaining("0 errors, 1 warning") });
  expect(warned.stderr).toContain("warning[W701]");
  expect(await millrace(["validate", "--online", "--warn-error"], { cwd })).toMatchObject({ exit: 1 });
});
