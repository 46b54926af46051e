/** The SQL library that comes with the package: `models/<name>.sql` with its YAML, reached as ref('millrace.<name>', …). */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { librarySchema } from "./schema/library.ts";
import { parseYaml } from "./yaml.ts";

export interface LibraryModel extends z.output<typeof librarySchema> {
  /** The template: ref() and var() name parameters, var("as_of") is the run's time. */
  readonly sql: string;
}

/** Seen from src/project and from dist/src/project. */
const folder = fileURLToPath(new URL(`../../${import.meta.url.endsWith(".ts") ? "" : "../"}models`, import.meta.url));

let names: readonly string[] | undefined;
const models = new Map<string, LibraryModel>();

/** The names of the library, without `millrace.`. Read from disk when first asked for. */
export function libraryNames(): readonly string[] {
  names ??= readdirSync(folder)
    .filter((file) => file.endsWith(".yml"))
    .map((file) => file.slice(0, -".yml".length))
    .toSorted();
  return names;
}

/** The model of a name; null when the library has none. */
export function libraryModel(name: string): LibraryModel | null {
  const known = models.get(name);
  if (known !== undefined) return known;
  if (!libraryNames().includes(name)) return null;
  const read = (ending: string): string => readFileSync(path.join(folder, `${name}.${ending}`), "utf8");
  const model = { ...librarySchema.parse(parseYaml(`${name}.yml`, read("yml")).value), sql: read("sql") };
  models.set(name, model);
  return model;
}
