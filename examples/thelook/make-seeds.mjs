#!/usr/bin/env node
/**
 * A small copy of Google's thelook_ecommerce as CSV below seeds/: `node make-seeds.mjs [--seed 1] [--users 1000] [--as-of 2026-03-01]
 * [--out seeds]`. Tables and columns are theirs, the people are invented, and the same seed always gives the same rows.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tables } from "./shop.mjs";

/** Dice that fall the same way for one seed (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(roll() * n);
  return { roll, below, one: (list) => list[below(list.length)] };
}

function csv(rows) {
  const cell = (value) =>
    value === null ? "" : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const names = Object.keys(rows[0]);
  return `${[names.join(","), ...rows.map((row) => names.map((name) => cell(row[name])).join(","))].join("\n")}\n`;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    users: { type: "string", default: "1000" },
    "as-of": { type: "string", default: "2026-03-01" },
    out: { type: "string", default: join(fileURLToPath(new URL(".", import.meta.url)), "seeds") },
  },
});
const [seed, users, asOf] = [Number(values.seed), Number(values.users), Date.parse(`${values["as-of"]}T06:00:00Z`)];
if (!Number.isInteger(seed) || !Number.isInteger(users) || users < 60 || Number.isNaN(asOf)) {
  console.error("--seed takes a whole number, --users one from 60, --as-of a day like 2026-03-01");
  process.exitCode = 64;
} else {
  const folder = join(values.out, "thelook_ecommerce");
  await mkdir(folder, { recursive: true });
  for (const [name, rows] of Object.entries(tables(dice(seed), { users, asOf }))) {
    await writeFile(join(folder, `${name}.csv`), csv(rows));
    console.error(`${name}: ${rows.length} rows`);
  }
}
