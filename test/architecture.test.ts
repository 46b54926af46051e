import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

/** Layers of the house: each imports itself, what is listed, and packages; nothing else. */
const layers: Readonly<Record<string, readonly string[]>> = {
  "src/core.ts": [],
  "src/errors.ts": ["src/core.ts"],
  "src/ports.ts": [],
  "src/destination": ["src/core.ts", "src/errors.ts"],
  "src/warehouse": ["src/core.ts", "src/errors.ts", "src/ports.ts"],
  "src/project": ["src/core.ts", "src/errors.ts", "src/ports.ts", "src/destination", "src/warehouse"],
  "src/ledger": ["src/core.ts", "src/errors.ts", "src/ports.ts", "src/destination", "src/warehouse"],
  "src/models": ["src/core.ts", "src/errors.ts", "src/ports.ts", "src/warehouse", "src/project", "src/ledger"],
  "src/audience": ["src/core.ts", "src/errors.ts", "src/ports.ts", "src/warehouse", "src/project", "src/ledger"],
  "src/engine": [
    "src/core.ts",
    "src/errors.ts",
    "src/ports.ts",
    "src/destination",
    "src/warehouse",
    "src/project",
    "src/ledger",
    "src/models",
    "src/audience",
  ],
  "src/cli": [
    "src/core.ts",
    "src/errors.ts",
    "src/ports.ts",
    "src/destination",
    "src/warehouse",
    "src/project",
    "src/ledger",
    "src/models",
    "src/audience",
    "src/engine",
  ],
  "src/index.ts": ["src/core.ts", "src/errors.ts", "src/ports.ts", "src/project", "src/engine"],
};

/** Packages only these files may load: one place that fetches, one database driver, one process exit. */
const keepers: Readonly<Record<string, RegExp>> = {
  undici: /^src\/engine\/(http|proxy|guarded-connect|http-fault)\.ts$/,
  "@duckdb/node-api": /^src\/warehouse\/duckdb/,
  pg: /^src\/engine\/postgres-wire\.ts$/,
  "ssh2-sftp-client": /^src\/engine\/sftp-wire\.ts$/,
  "@polyglot-sql/sdk": /^src\/models\/query-lineage\.ts$/,
  esbuild: /^src\/project\/bundle\.ts$/,
};

const root = path.resolve(import.meta.dirname, "..");
const sources = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, "/")))
    .toSorted();

/** Specifiers of static and dynamic imports and re-exports. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)"([^"]+)"/gm)].map((match) => match[1] ?? "");
}

const layerOf = (file: string): string | undefined =>
  Object.keys(layers).find((layer) => file === layer || file.startsWith(`${layer}/`));

describe("layers point down", () => {
  it.each(sources("src"))("%s", (file) => {
    const layer = layerOf(file);
    expect(layer, `${file} stands in no layer`).toBeDefined();
    const allowed = new Set([layer, ...(layers[layer ?? ""] ?? [])]);
    const wrong = importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => path.posix.join(path.posix.dirname(file), specifier))
      .filter((target) => !allowed.has(layerOf(target)));
    expect(wrong).toEqual([]);
  });
});

describe("destinations see only the kit", () => {
  /** `klaviyo.ts` and the files in `klaviyo/`. */
  const typeOf = (file: string): string => file.split("/")[1]?.replace(/\.ts$/, "") ?? "";

  it.each(sources("destinations"))("%s", (file) => {
    const wrong = importsOf(file).filter((specifier) =>
      specifier.startsWith(".")
        ? typeOf(path.posix.join(path.posix.dirname(file), specifier)) !== typeOf(file)
        : specifier !== "millrace/destination" && specifier !== "zod",
    );
    expect(wrong).toEqual([]);
  });
});

describe("one place for each way out", () => {
  it.each(Object.entries(keepers))("%s", (name, keeper) => {
    const users = sources("src").filter((file) =>
      importsOf(file).some((one) => one === name || one.startsWith(`${name}/`)),
    );
    expect(users.filter((file) => !keeper.test(file))).toEqual([]);
  });

  it("only src/cli/main.ts ends the process", () => {
    const enders = sources("src").filter((file) =>
      /process\.exit\(|process\.exitCode/.test(readFileSync(path.join(root, file), "utf8")),
    );
    expect(enders.filter((file) => file !== "src/cli/main.ts")).toEqual([]);
  });
});
