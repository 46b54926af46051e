/** What must hold after clean runs: the platform is right, the ledger says so, nothing is left lying about. */
import { DuckDBInstance } from "@duckdb/node-api";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { scanRecords } from "../../src/ledger/journal-format.ts";
import type { People } from "./people.ts";
import type { Platform } from "./platform.ts";
import { readFiles } from "./project.ts";

/** Every difference between what the platforms hold and what the people ask for, a few of each. */
export async function differences(root: string, platform: Platform, people: People): Promise<readonly string[]> {
  const spenders = people.spenders();
  const matched = people.matched();
  const files = await readFiles(root);
  const audiences = platform.audiences.length === 1 ? [] : [`${platform.audiences.length} audiences were made`];
  return [
    ...rowDifferences("webhook", platform.hook, spenders),
    ...rowDifferences("files", files, spenders),
    ...few(
      "ads: absent",
      [...matched].filter((id) => !platform.audience.has(id)),
    ),
    ...few(
      "ads: surplus",
      [...platform.audience].filter((id) => !matched.has(id)),
    ),
    ...audiences,
  ];
}

function rowDifferences(
  what: string,
  held: ReadonlyMap<string, object>,
  wanted: ReadonlyMap<string, object>,
): readonly string[] {
  const other = [...wanted].filter(([key, row]) => held.has(key) && text(held.get(key)) !== text(row));
  return [
    ...few(
      `${what}: absent`,
      [...wanted.keys()].filter((key) => !held.has(key)),
    ),
    ...few(
      `${what}: surplus`,
      [...held.keys()].filter((key) => !wanted.has(key)),
    ),
    ...few(
      `${what}: other content`,
      other.map(([key, row]) => `${key} ${text(held.get(key))} not ${text(row)}`),
    ),
  ];
}

/** JSON with sorted keys. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

const few = (title: string, found: readonly string[]): readonly string[] =>
  found.length === 0 ? [] : [`${title}: ${found.length} (${found.slice(0, 3).join(", ")})`];

/**
 * Locks, run files in their environment's folder, journals, copies of the ledger and open folders that a finished run should
 * not leave; the ledger's log may stay. A `.tmp` beside a file that was being written stays in a folder closed later, unlisted
 * in its manifest; spill folders stay an hour, for they may be another container's.
 */
export async function leftovers(root: string): Promise<readonly string[]> {
  const state = await readdir(join(root, ".millrace"), { recursive: true });
  const out = await readdir(join(root, "out"), { recursive: true }).catch(() => []);
  const lost = state.filter(
    (name) => /^dev\.lock(\.|$)|^runs\/[^/]+\/.|\.folded$|\.fold(\.wal)?$/.test(name) && name !== "dev.lock.fence",
  );
  return few("left behind", [...lost, ...out.filter((name) => name.endsWith(".partial"))]);
}

/** The ledger read with plain SQL: no open plan, nobody held or in doubt, rows in state ok are exactly the wanted keys. */
export async function ledgerFaults(root: string, people: People): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(join(root, ".millrace/dev.duckdb"), { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
      (await connection.runAndReadAll(sql)).getRows();
    const faults: string[] = [];
    for (const sync of ["spenders_to_hook", "spenders_to_files", "buyers_to_ads"]) {
      const [state] = await rows(`SELECT open_plan FROM millrace.state__${sync}`);
      if (state?.[0] !== null) faults.push(`${sync}: plan ${String(state?.[0])} is still open`);
      const odd = await rows(`SELECT k, state FROM millrace.sent__${sync} WHERE state <> 'ok'`);
      faults.push(
        ...few(
          `${sync}: not ok in the ledger`,
          odd.map(([k, inState]) => `${String(k)} ${String(inState)}`),
        ),
      );
      if (sync === "buyers_to_ads") continue;
      const keys = new Set((await rows(`SELECT k FROM millrace.sent__${sync}`)).map(([k]) => String(k)));
      const wanted = people.spenders();
      faults.push(
        ...few(
          `${sync}: ledger without`,
          [...wanted.keys()].filter((key) => !keys.has(key)),
        ),
      );
      faults.push(
        ...few(
          `${sync}: ledger with`,
          [...keys].filter((key) => !wanted.has(key)),
        ),
      );
    }
    return faults;
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** Batches with an intent and no verdict in the journals that killed runs left: the only ones that may be repeated (P4). */
export async function unknownBatches(root: string): Promise<ReadonlySet<string>> {
  const runs = join(root, ".millrace/runs");
  const names = await readdir(runs, { recursive: true }).catch(() => []);
  const open = new Set<string>();
  for (const name of names.filter((each) => each.endsWith(".journal"))) {
    const { records } = scanRecords(await readFile(join(runs, name)));
    for (const record of records as { readonly t?: string; readonly b?: string }[]) {
      if (record.b === undefined) continue;
      if (record.t === "i") open.add(record.b);
      else open.delete(record.b);
    }
  }
  return open;
}
