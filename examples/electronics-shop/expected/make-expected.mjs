#!/usr/bin/env node
/**
 * Writes expected/day-<n>/ from oracle.sql: plan.json, and <sync>.jsonl with everybody that sync should have reached.
 * It never runs millrace: the files say what must come out, not what came out. `node expected/make-expected.mjs [--out DIR]`
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { makeData } from "../make-data.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** The moment at which each day is looked at: six in the morning after. */
export const asOf = { 1: "2026-03-02T06:00:00.000Z", 2: "2026-03-03T06:00:00.000Z" };

/** What a sync says of itself in a plan; the rest of a plan is counted. Fields that are NULL travel only with `clear`. */
const syncs = [
  {
    sync: "call_back_to_exports",
    audience: "call_back",
    destination: "exports",
    object: "member",
    mode: "mirror",
    nulls: "omit",
  },
  {
    sync: "customers_to_crm",
    audience: null,
    destination: "crm",
    object: "record",
    mode: "upsert",
    nulls: "clear",
  },
  {
    sync: "high_value_eu_to_crm",
    audience: "high_value_eu",
    destination: "crm",
    object: "member",
    mode: "mirror",
    nulls: "omit",
  },
  {
    sync: "lapsed_buyers_to_exports",
    audience: "lapsed_buyers",
    destination: "exports",
    object: "member",
    mode: "mirror",
    nulls: "omit",
  },
  {
    sync: "window_shoppers_to_crm",
    audience: "laptop_window_shoppers",
    destination: "crm",
    object: "member",
    mode: "mirror",
    nulls: "omit",
  },
];

/** The expected documents of days 1 and 2. */
export async function computeExpected() {
  const folder = await mkdtemp(join(tmpdir(), "millrace-expected-"));
  try {
    const first = await wantedOn(1, folder);
    const second = await wantedOn(2, folder);
    return { 1: documentOf(1, emptyOf(first), first), 2: documentOf(2, first, second) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** sync -> key -> row, as the oracle has it. */
async function wantedOn(day, folder) {
  const file = join(folder, `day-${day}.duckdb`);
  await makeData(day, file);
  const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    await connection.run(`set variable as_of = timestamp '${asOf[day].slice(0, 19).replace("T", " ")}'`);
    await connection.run(await readFile(join(here, "oracle.sql"), "utf8"));
    const reader = await connection.runAndReadAll(
      "select sync, id::integer as id, identifiers, fields from wanted order by sync, id",
    );
    const rows = reader.getRowObjects();
    return new Map(
      syncs.map((sync) => [
        sync.sync,
        new Map(rows.filter((row) => row.sync === sync.sync).map((row) => [row.id, rowOf(row, sync)])),
      ]),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function rowOf(row, { nulls }) {
  const fields = JSON.parse(row.fields);
  return {
    key: row.id,
    identifiers: withoutNulls(JSON.parse(row.identifiers)),
    fields: nulls === "clear" ? fields : withoutNulls(fields),
  };
}

function withoutNulls(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function emptyOf(wanted) {
  return new Map([...wanted.keys()].map((sync) => [sync, new Map()]));
}

function documentOf(day, before, now) {
  const counted = syncs.map(({ sync, audience, destination, object, mode }) => ({
    sync,
    audience,
    destination,
    object,
    mode,
    ...difference(before.get(sync), now.get(sync), mode),
  }));
  return {
    plan: {
      schema: "millrace/plan/v1",
      environment: "dev",
      as_of: asOf[day],
      changes: true,
      audiences: counted
        .filter(({ audience }) => audience !== null)
        .map(({ audience, sync, entered, left }) => ({
          name: audience,
          before: before.get(sync).size,
          now: now.get(sync).size,
          enter: entered,
          leave: left,
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      syncs: counted.map(({ sync, destination, object, mode, planned }) => ({
        sync,
        destination,
        object,
        mode,
        status: "changes",
        planned,
      })),
    },
    members: Object.fromEntries(
      syncs.map(({ sync, mode }) => [
        sync,
        [...held(before.get(sync), now.get(sync), mode).values()].toSorted((a, b) => a.key - b.key),
      ]),
    ),
  };
}

function difference(before, now, mode) {
  const entered = [...now.keys()].filter((key) => !before.has(key)).length;
  const left = [...before.keys()].filter((key) => !now.has(key)).length;
  const update = [...now].filter(
    ([key, row]) => before.has(key) && JSON.stringify(before.get(key)) !== JSON.stringify(row),
  ).length;
  return { entered, left, planned: { add: entered, update, remove: mode === "upsert" ? 0 : left } };
}

/** What the destination holds afterwards: an upsert keeps those who left as they last were. */
function held(before, now, mode) {
  return mode === "upsert" ? new Map([...before, ...now]) : now;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: "string", default: here } } });
  for (const [day, { plan, members }] of Object.entries(await computeExpected())) {
    const folder = join(resolve(values.out), `day-${day}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
    for (const [sync, rows] of Object.entries(members)) {
      await writeFile(join(folder, `${sync}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    }
    console.error(folder);
  }
}
