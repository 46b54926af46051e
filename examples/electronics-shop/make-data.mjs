#!/usr/bin/env node
/**
 * Makes the shop's DuckDB file as it stands after day N: `node make-data.mjs --day 2 [--out data/electronics.duckdb]`.
 * The same day always gives the same rows; see data/generate.sql.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";

const here = dirname(fileURLToPath(import.meta.url));

/** Writes the shop after day `day` to the DuckDB file `out`, replacing it. */
export async function makeData(day, out) {
  await mkdir(dirname(out), { recursive: true });
  await rm(out, { force: true });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    // Attached under a name of its own: a file called shop.duckdb would be a catalog that hides the schema.
    await connection.run(`attach '${out.replaceAll("'", "''")}' as made`);
    await connection.run("use made");
    await connection.run(`set variable day = ${day}`);
    await connection.run(await readFile(join(here, "data/generate.sql"), "utf8"));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      day: { type: "string", default: "1" },
      out: { type: "string", default: join(here, "data/electronics.duckdb") },
    },
  });
  const day = Number(values.day);
  if (!Number.isInteger(day) || day < 1 || day > 60) {
    console.error(`--day takes a whole number from 1 to 60, not ${values.day}`);
    process.exitCode = 64;
  } else {
    await makeData(day, resolve(values.out));
    console.error(`${values.out}: the shop after day ${day}`);
  }
}
