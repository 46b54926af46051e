import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../src/core.ts";
import { commands } from "../src/cli/commands/index.ts";
import { withReference } from "../src/cli/text/reference.ts";
import { exitCodes } from "../src/errors.ts";
import { createLedger, syncColumns } from "../src/ledger/tables.ts";
import { libraryModel, libraryNames } from "../src/project/library.ts";
import { loadProject } from "../src/project/load.ts";
import { duckdbDialect } from "../src/warehouse/duckdb-dialect.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const rowsOf = (markdown: string) => [...markdown.matchAll(/^\| *([^|]+?) *\|/gm)].map(([, cell = ""]) => cell);

/** The files that a page shows: path and text. */
const blocksOf = (page: string): readonly (readonly string[])[] =>
  [...read(page).matchAll(/^```(?:sql|yaml)\n(?:--|#) ([\w/.]+).*\n([^]*?)^```/gm)].map(([, path = "", text = ""]) => [
    path,
    text,
  ]);

const small = 'version: 1\nname: small\nenvironments: { dev: { warehouse: { type: duckdb, path: ":memory:" } } }\n';

async function errorsOf(files: readonly (readonly string[])[]): Promise<readonly Diagnostic[]> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-docs-"));
  try {
    for (const [path = "", text = ""] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const { diagnostics } = await loadProject({ projectDir: folder, now: Date.parse("2026-01-31T00:00:00Z") });
    return diagnostics.filter(({ severity }) => severity === "error");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the documents name what is there", () => {
  it("dependencies.md has a line for every dependency and no other", () => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(read("package.json")) as Record<
      string,
      Record<string, string>
    >;
    const documented = rowsOf(read("docs/dependencies.md")).filter((cell) => cell !== "package" && !/^-+$/.test(cell));
    expect(documented.toSorted()).toEqual(
      Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }).toSorted(),
    );
  });

  it("cli.md has every exit code", () => {
    const codes = rowsOf(read("docs/cli.md")).flatMap((cell) => (/^\d+(, \d+)*$/.test(cell) ? cell.split(", ") : []));
    expect(codes.map(Number).toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
  });

  it("cli.md has the commands as they are: npm run docs", () => {
    const page = read("docs/cli.md");
    expect(page).toBe(withReference(page, commands));
    const named = commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
    expect(named.filter((name) => !page.includes(`#### \`millrace ${name}`))).toEqual([]);
    expect(page).toContain("#### `millrace state retarget <sync>`");
    expect(() => withReference("# A page without marks", commands)).toThrow("lacks the marks");
  });

  it("ledger.md has every shared table and every column of sent__", () => {
    const text = read("docs/ledger.md");
    const ledger = { dialect: duckdbDialect, schema: ["millrace"] };
    const statements = createLedger(ledger);
    const tables = statements.flatMap((sql) => /IF NOT EXISTS "?millrace"?\."?(\w+)/.exec(sql)?.[1] ?? []);
    expect(tables.length).toBeGreaterThan(5);
    expect(
      [...tables, ...syncColumns(ledger, "sent").map(([name]) => name)].filter((name) => !text.includes(`\`${name}\``)),
    ).toEqual([]);
  });

  it("guarantees.md names tests that are there, for every promise", () => {
    const text = read("docs/guarantees.md");
    const named = [...new Set([...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = ""]) => path))];
    expect(named.length).toBeGreaterThan(12);
    expect(named.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
    const promises = rowsOf(text).filter((cell) => /^P\d+$/.test(cell));
    expect(promises).toEqual(Array.from({ length: 14 }, (_, index) => `P${index + 1}`));
  });

  it("library.md has every model of the library as its YAML has it", () => {
    const text = read("docs/library.md");
    const folders = readdirSync(new URL("../models", import.meta.url)).toSorted();
    expect(folders).toEqual(libraryNames().flatMap((name) => [`${name}.sql`, `${name}.yml`]));
    for (const name of libraryNames()) {
      const { description, parameters, columns } = libraryModel(name)!;
      const section = text.split(`\n## millrace.${name}\n`)[1]?.split("\n## ")[0] ?? "";
      const cells = [...section.matchAll(/^\| (.+?) +\|(?:.*\|)? (.+?) +\|$/gm)].map(([, cell, what]) => [cell, what]);
      expect(section).toContain(description);
      expect(cells.filter(([cell]) => cell!.startsWith("`"))).toEqual([
        ...parameters.map((each) => [`\`${each.name}\``, each.description]),
        ...columns.map((each) => [`\`${each.name.replace(/\{\{ var\('(\w+)'\) \}\}/, "<$1>")}\``, each.description]),
      ]);
    }
  });

  it("library.md shows calls that fit", async () => {
    const blocks = blocksOf("docs/library.md");
    expect(blocks.map(([path]) => path)).toEqual(["models/customers.sql", "models/abandoned_carts.sql"]);
    const others = ["stg_customers", "stg_orders", "cart_adds"].map((name) => [`models/${name}.sql`, "select 1 as x"]);
    expect(await errorsOf([...blocks, ...others, ["millrace.yml", small]])).toEqual([]);
  });

  it("guide.md shows a project that loads", async () => {
    const blocks = blocksOf("docs/guide.md");
    expect(blocks.map(([path]) => path)).toEqual([
      "millrace.yml",
      "models/customers.sql",
      "models/customers.yml",
      "models/audiences/lapsed_buyers.yml",
      "destinations/crm.yml",
      "models/audiences/lapsed_buyers_to_crm.yml",
    ]);
    expect(await errorsOf(blocks)).toEqual([]);
  });
});
