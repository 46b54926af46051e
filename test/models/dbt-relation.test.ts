/** Relations of dbt in the user's DuckDB file, which millrace attaches under another name than dbt gave it. */
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dbtAlias } from "../../src/models/dbt-relation.ts";
import { createCompiler } from "../../src/models/compile.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { manifest, shop } from "../project/dbt/artifacts.ts";
import { now, projectFolder, type Files } from "../project/sample.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const renamed = (from: string, to: string): string =>
  manifest(({ nodes, sources }) => {
    for (const node of [...Object.values(nodes), ...Object.values(sources)])
      if (typeof node.relation_name === "string") node.relation_name = node.relation_name.replace(from, to);
  });

/** The project over a DuckDB file that holds a table, and a view that names it by the file's own database, as dbt-duckdb writes it. */
async function world(files: Files = {}, file = "warehouse.duckdb"): Promise<Project> {
  const more = { "models/more.sql": "select * from {{ ref('stg_shop__people') }}" };
  const root = await projectFolder(shop({ ...more, ...files }));
  const warehouse = await openDuckDB({ path: path.join(root, file) });
  const database = path.parse(file).name;
  await warehouse.script([
    "CREATE TABLE customers AS SELECT 1 AS person_id, 'ada@example.com' AS email, 'FR' AS country",
    `CREATE VIEW stg_shop__people AS SELECT person_id, email FROM "${database}"."main"."customers"`,
  ]);
  await warehouse.close();
  const { project, diagnostics } = await loadProject({ projectDir: root, now });
  if (project === null) throw new Error(JSON.stringify(diagnostics));
  return project;
}

async function rowsOf(project: Project, name: string): Promise<readonly unknown[]> {
  const session = await openSession(project, { write: false, env: {} });
  open.push(session);
  const compiler = await createCompiler(project, session);
  return session.warehouse.rows(compiler.query(name));
}

describe("what dbt built in the user's file", () => {
  it("is read as a table, and as a view that names its tables by dbt's database", async () => {
    const project = await world();
    expect(dbtAlias(project)).toBe("warehouse");
    expect(await rowsOf(project, "customers")).toEqual([{ person_id: 1, email: "ada@example.com", country: "FR" }]);
    expect(await rowsOf(project, "more")).toEqual([{ person_id: 1, email: "ada@example.com" }]);
  });

  it("is read from a copy under another file name: the only database that dbt uses is that file", async () => {
    const settings = shop()["millrace.yml"]!.replace("path: warehouse.duckdb", "path: copy.duckdb");
    const project = await world({ "millrace.yml": settings }, "copy.duckdb");
    expect(dbtAlias(project)).toBe("warehouse");
    expect(await rowsOf(project, "customers")).toHaveLength(1);
  });

  it.each(["memory", "source", "LEDGER"])(
    "a database called %s keeps its tables, though no second name",
    async (name) => {
      const project = await world({ "dbt/target/manifest.json": renamed('"warehouse"', `"${name}"`) });
      expect(dbtAlias(project)).toBeNull();
      expect(await rowsOf(project, "customers")).toHaveLength(1);
    },
  );

  it("stands behind a seed of the environment (decision 8)", async () => {
    const settings = shop()["millrace.yml"]!.replace("path: warehouse.duckdb", "path: warehouse.duckdb, seeds: seeds");
    const project = await world({ "millrace.yml": settings, "seeds/dbt/customers.csv": "person_id,country\n7,BE\n" });
    expect(await rowsOf(project, "customers")).toEqual([{ person_id: 7, country: "BE" }]);
  });

  it("is E707 at the manifest's place when it is not there", async () => {
    const project = await world({ "models/gone.sql": "select * from {{ ref('raw_people') }}" });
    await expect(rowsOf(project, "gone")).rejects.toMatchObject({
      diagnostics: [
        {
          code: "E707",
          message: `dbt seed "raw_people" has no data in environment dev: warehouse.main.raw_people is not there`,
          at: { file: "millrace.yml", line: 3 },
          hint: "looked for main.raw_people in warehouse.duckdb: was it built by dbt, into this file?",
        },
      ],
    });
  });

  it("is E707 when dbt has it in another database, though a table of that name is here", async () => {
    const elsewhere = manifest(({ nodes }) => {
      nodes["model.shop.customers"].relation_name = '"archive"."main"."customers"';
    });
    const project = await world({ "dbt/target/manifest.json": elsewhere });
    await expect(rowsOf(project, "customers")).rejects.toMatchObject({
      diagnostics: [
        {
          code: "E707",
          hint: 'this environment reads "warehouse" (warehouse.duckdb); what dbt attaches beside it is not read',
        },
      ],
    });
  });
});
