#!/usr/bin/env node
/** The package as users get it: packed, installed into an empty folder, started. Exits 1 when it does not run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "millrace-package-"));
const run = (program, args, cwd) =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
  run("npm", ["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", `./${tarball}`], folder);
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const said = run("npx", ["--no-install", "millrace", "--version"], folder).trim();
  if (said !== version) throw new Error(`millrace --version says ${said}, the package is ${version}`);
  run("npx", ["--no-install", "millrace", "init", "shop", "--yes"], folder);
  run("npx", ["--no-install", "millrace", "-C", "shop", "sync", "--yes"], folder);
  writeFileSync(
    path.join(folder, "shop/models/scores.sql"),
    "select * from {{ ref('millrace.rfm', events='shop.orders', key='customer_id', at='ordered_at', amount='amount') }}",
  );
  run("npx", ["--no-install", "millrace", "-C", "shop", "show", "scores"], folder);
  const contents = run("tar", ["-tzf", tarball], folder).split("\n").filter(Boolean);
  const foreign = contents.filter(
    (name) => !/^package\/(dist\/|models\/|package\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/.test(name),
  );
  if (foreign.length > 0) throw new Error(`the package holds files it should not: ${foreign.slice(0, 5).join(", ")}`);
  console.log(`packed, installed and run: millrace ${version}, ${contents.length} files`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
