/** Who should be where, by plain SQL that stands beside an example and knows nothing of millrace. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "yaml";
import { canonical, type Held } from "./outbox.ts";

/** What `expected/oracle.sql` says should be there as of a moment, from the sample data alone. */
export async function wantedBy(root: string, asOf: string): Promise<Held> {
  const database = await (await DuckDBInstance.create()).connect();
  try {
    await database.run(`SET timezone = 'UTC'; SET VARIABLE as_of = TIMESTAMPTZ '${asOf}'`);
    for (const statement of await tablesOf(root)) await database.run(statement);
    await database.run(await readFile(path.join(root, "expected/oracle.sql"), "utf8"));
    const found = await database.runAndReadAll(
      "SELECT sync, to_json({'key': key, 'identifiers': identifiers, 'fields': fields})::VARCHAR FROM wanted",
    );
    const wanted: Record<string, string[]> = {};
    for (const [sync, row] of found.getRows())
      (wanted[String(sync)] ??= []).push(canonical(JSON.parse(String(row)) as unknown));
    return Object.fromEntries(Object.entries(wanted).map(([sync, rows]) => [sync, rows.toSorted()]));
  } finally {
    database.closeSync();
  }
}

/** Statements that read the sample data in the types that sources.yml gives it. */
async function tablesOf(root: string): Promise<readonly string[]> {
  const text = await readFile(path.join(root, "models/sources.yml"), "utf8");
  const { sources, seeds } = parse(text) as {
    readonly sources: readonly [{ readonly name: string }];
    readonly seeds: readonly { readonly name: string; readonly column_types: Readonly<Record<string, string>> }[];
  };
  const schema = sources[0].name;
  const views = seeds.map(({ name, column_types: types }) => {
    const file = path.join(root, "seeds", `${name.replace(".", "/")}.csv`);
    const list = Object.entries(types).map(([column, type]) => `'${column}': '${type}'`);
    return `CREATE VIEW ${schema}.${name.split(".")[1]} AS FROM read_csv('${file}', types = {${list.join(", ")}})`;
  });
  return [`CREATE SCHEMA ${schema}`, ...views];
}
