#!/usr/bin/env node
/**
 * `npm run demo`: two days of examples/electronics-shop, from a fresh clone. Installs and builds what is missing, copies
 * the example to target/demo, starts the shop's CRM on a free port of loopback and runs millrace against it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const shop = join(root, "target/demo");
const main = join(root, "dist/src/cli/main.js");

if (!existsSync(join(root, "node_modules/@duckdb/node-api"))) await need("npm", ["ci", "--ignore-scripts"]);
if (!existsSync(main)) await need("npm", ["run", "build"]);

const { startCrm } = await import("../examples/electronics-shop/crm.mjs");
const crm = await startCrm(0);
try {
  await copyExample();
  say("Day 1", "a shop that sells laptops: 600 accounts, their orders, visits, consents and newsletter sign-ups");
  await day(1);
  await millrace("validate");
  await millrace("plan", "--vars", "as_of=2026-03-02T06:00:00Z");
  await millrace("sync", "--vars", "as_of=2026-03-02T06:00:00Z");
  report();
  say("Day 2", "new accounts and orders, refunds, withdrawn consents, closed accounts; only the difference travels");
  await day(2);
  await millrace("plan", "--vars", "as_of=2026-03-03T06:00:00Z");
  await millrace("sync", "--vars", "as_of=2026-03-03T06:00:00Z");
  report();
  await millrace("status");
  whereToLook();
} finally {
  await crm.close();
}

/** The example without what earlier runs left in it, its webhook pointed at the port that was free. */
async function copyExample() {
  await rm(shop, { recursive: true, force: true });
  const made = new Set([".millrace", "target", "outbox"]);
  await cp(join(root, "examples/electronics-shop"), shop, {
    recursive: true,
    filter: (path) => !made.has(basename(path)) && !path.endsWith(".duckdb"),
  });
  const file = join(shop, "destinations/crm.yml");
  await writeFile(file, (await readFile(file, "utf8")).replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${crm.port}`));
}

async function day(number) {
  await need(process.execPath, [join(shop, "make-data.mjs"), "--day", String(number)]);
}

/** Runs one command as a reader would type it; any exit but 0 ends the demo. */
async function millrace(...args) {
  console.log(`\n${styleText("bold", `$ millrace ${args.join(" ")}`)}`);
  await need(process.execPath, [main, "-C", shop, ...args]);
}

function need(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (exit) =>
      exit === 0 ? resolve() : reject(new Error(`${basename(program)} ${args.join(" ")} ended with ${exit}`)),
    );
  });
}

function say(title, text) {
  console.log(
    `\n${styleText(["bold", "cyan"], `── ${title} `)}${styleText("cyan", "─".repeat(60 - title.length))}\n${text}`,
  );
}

function report() {
  const counts = Object.entries(crm.counts()).map(([sync, people]) => `${sync} ${people}`);
  console.log(`\nThe CRM now holds: ${counts.join(" · ")}`);
}

/** A path of the demo's project as one would type it here. */
function from(path) {
  return relative(process.cwd(), join(shop, path));
}

function whereToLook() {
  say("Where to look", "");
  console.log(`${from("models")}                   the project: SQL models, segments, audiences, syncs
${from("outbox")}                   what the file destination was given, one folder a run
${from(".millrace/dev.duckdb")}     the ledger: what each destination has accepted, plain tables
${from("target/runs")}              a report of every run

Try: node dist/src/cli/main.js -C target/demo ls
     node dist/src/cli/main.js -C target/demo show high_value_eu --limit 5
     node dist/src/cli/main.js -C target/demo runs
     change a rule in target/demo/models/audiences and run plan again`);
}
