/** A small project on disk for tests: files laid over a base, in a folder that goes away with the test. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { loadProject, type LoadOptions, type Loaded } from "../../src/project/load.ts";
import type { Project } from "../../src/project/project.ts";

export type Files = Readonly<Record<string, string | null>>;

export const now = Date.UTC(2026, 0, 31, 6);

/** One model, one audience and one webhook, in an environment where nothing leaves the machine. */
export const base: Files = {
  "millrace.yml": [
    "version: 1",
    "name: shop",
    "vars: { history_start: '2020-01-01' }",
    "environments:",
    "  dev:",
    "    warehouse: { type: duckdb, seeds: seeds/ }",
    "    destinations: { '*': { use: file } }",
  ].join("\n"),
  "models/customers.sql": "select customer_id, email, country from {{ source('shop', 'customers') }}",
  "models/shop.yml": [
    "sources:",
    "  - { name: shop, tables: [ { name: customers } ] }",
    "models:",
    "  - name: customers",
    "    primary_key: customer_id",
    "    identifiers: { email: email }",
  ].join("\n"),
  "models/french.yml": [
    "audiences:",
    "  - name: french",
    "    model: customers",
    "    where: { field: country, is: FR }",
    "syncs:",
    "  - { name: french_to_crm, audience: french, destination: crm, object: member, mode: mirror }",
  ].join("\n"),
  "destinations/crm.yml": "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\n",
};

/** Writes the files; `null` leaves a base file out. */
export async function projectFolder(files: Files = {}, over: Files = base): Promise<string> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), "millrace-project-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries({ ...over, ...files })) {
    if (text === null) continue;
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  return root;
}

export async function load(files: Files = {}, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return loadProject({ projectDir: await projectFolder(files), now, ...options });
}

/** A project that must be without errors. */
export async function loadGood(files: Files = {}, options: Partial<LoadOptions> = {}): Promise<Project> {
  const { project, diagnostics } = await load(files, options);
  if (project === null) throw new Error(told(diagnostics).join("\n"));
  return project;
}

/** Diagnostics as lines: `E102 models/x.yml:6:5+10 message`. */
export function told(diagnostics: Loaded["diagnostics"]): readonly string[] {
  return diagnostics.map(
    ({ code, at, message }) => `${code} ${at ? `${at.file}:${at.line}:${at.column} ` : ""}${message}`,
  );
}
