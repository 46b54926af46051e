import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../src/errors.ts";
import { createLedger, sentColumns } from "../src/ledger/tables.ts";
import { loadProject } from "../src/project/load.ts";
import { duckdbDialect } from "../src/warehouse/duckdb-dialect.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const rowsOf = (markdown: string) => [...markdown.matchAll(/^\| *([^|]+?) *\|/gm)].map(([, cell = ""]) => cell);

describe("the documents name what is there", () => {
  it("dependencies.md has a line for every dependency and no other", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
      string,
      Record<string, string>
    >;
    const documented = rowsOf(read("docs/dependencies.md")).filter((cell) => cell !== "package" && !/^-+$/.test(cell));
    expect(documented.toSorted()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).toSorted());
  });

  it("cli.md has every exit code", () => {
    const codes = rowsOf(read("docs/cli.md")).flatMap((cell) => (/^\d+(, \d+)*$/.test(cell) ? cell.split(", ") : []));
    expect(codes.map(Number).toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
  });

  it("ledger.md has every shared table and every column of sent__", () => {
    const text = read("docs/ledger.md");
    const statements = createLedger({ dialect: duckdbDialect, schema: ["millrace"] });
    const tables = statements.flatMap((sql) => /IF NOT EXISTS "?millrace"?\."?(\w+)/.exec(sql)?.[1] ?? []);
    expect(tables.length).toBeGreaterThan(5);
    expect([...tables, ...sentColumns.map(([name]) => name)].filter((name) => !text.includes(`\`${name}\``))).toEqual(
      [],
    );
  });

  it("guarantees.md names tests that are there, for every promise", () => {
    const text = read("docs/guarantees.md");
    const named = [...new Set([...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = ""]) => path))];
    expect(named.length).toBeGreaterThan(12);
    expect(named.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
    const promises = rowsOf(text).filter((cell) => /^P\d+$/.test(cell));
    expect(promises).toEqual(Array.from({ length: 14 }, (_, index) => `P${index + 1}`));
  });

  it("guide.md shows a project that loads", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-guide-"));
    try {
      const blocks = [...read("docs/guide.md").matchAll(/^```(?:sql|yaml)\n(?:--|#) ([\w/.]+).*\n([^]*?)^```/gm)];
      expect(blocks.map(([, path]) => path)).toEqual([
        "millrace.yml",
        "models/customers.sql",
        "models/customers.yml",
        "models/audiences/lapsed_buyers.yml",
        "destinations/crm.yml",
        "models/audiences/lapsed_buyers_to_crm.yml",
      ]);
      for (const [, path = "", text = ""] of blocks) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      const { diagnostics } = await loadProject({ projectDir: folder, now: Date.parse("2026-01-31T00:00:00Z") });
      expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
