import path from "node:path";
import type { Claim, Collected } from "./collect.ts";
import type { ProjectFiles } from "./files.ts";
import type { SeedFile, WarehouseSpec } from "./project.ts";
import { didYouMean, quoteText } from "./suggest.ts";

const formats = { ".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl" } as const;

/**
 * The seeds of an environment (decision 8): `seeds/<schema>/<table>.csv` stands for a source where the environment says
 * `seeds:`; `seeds/<name>.csv` is `ref('name')` everywhere.
 */
export function readSeeds(
  warehouse: WarehouseSpec,
  files: ProjectFiles,
  collected: Collected,
): ReadonlyMap<string, SeedFile> {
  const given = warehouse.type === "duckdb" ? warehouse.seeds : undefined;
  const folder = path.posix.normalize((given ?? "seeds").replaceAll("\\", "/")).replace(/\/+$/, "");
  const seeds = new Map<string, SeedFile>();
  const paths = new Map<string, string>();
  const types = new Map(collected.items.seeds.map((entry) => [entry.spec.name, entry]));
  for (const file of files.list(folder, /\.(csv|parquet|jsonl)$/)) {
    const parts = file.slice(folder.length + 1).split("/");
    const ending = path.posix.extname(file) as keyof typeof formats;
    const name = [...parts.slice(0, -1), path.posix.basename(file, ending)].join(".");
    const at = { file, line: 1, column: 1 };
    if (parts.length > 2) {
      collected.diagnostics.push({
        code: "E226",
        severity: "error",
        message: "a seed lies at seeds/<name> or seeds/<schema>/<table>, not deeper",
        at,
      });
      continue;
    }
    if (paths.has(name)) {
      collected.diagnostics.push({
        code: "E211",
        severity: "error",
        message: `seed ${quoteText(name)} is there twice`,
        at,
        hint: `also ${paths.get(name)}`,
      });
      continue;
    }
    paths.set(name, file);
    if (parts.length === 1) collected.claims.push({ what: "seed", name, at } satisfies Claim);
    if (parts.length === 2 && given === undefined) continue;
    seeds.set(name, {
      name,
      path: file,
      format: formats[ending],
      column_types: types.get(name)?.spec.column_types ?? {},
    });
  }
  for (const [name, entry] of types) {
    // What stands for a source only elsewhere need not lie here: seeds are often made, not kept.
    if (paths.has(name) || (given === undefined && name.includes("."))) continue;
    const hint = didYouMean(name, paths.keys(), "seeds");
    collected.diagnostics.push({
      code: "E201",
      severity: "error",
      message: `there is no seed ${quoteText(name)} in ${folder}/`,
      at: entry.at(["name"]),
      ...(hint !== undefined && { hint }),
    });
  }
  return seeds;
}
