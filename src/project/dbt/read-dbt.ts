import type { Diagnostic, Location } from "../../core.ts";
import type { Collected } from "../collect.ts";
import type { Settings } from "../config.ts";
import type { ProjectFiles } from "../files.ts";
import type { SeedFile } from "../project.ts";
import { isMap } from "../schema/common.ts";
import type { YamlFile } from "../yaml.ts";
import type { Dbt } from "./dbt.ts";
import { loadDbt } from "./load-dbt.ts";
import { dbtClaims } from "./models.ts";

interface Reading {
  readonly files: ProjectFiles;
  readonly main: YamlFile;
  readonly settings: Settings | null;
  readonly collected: Collected;
  readonly diagnostics: Diagnostic[];
}

/**
 * The dbt project of the load, its names claimed; null when none is named, and (with E247) when it cannot be read: then
 * `dbt:manifest` is broken, and a name that nobody knows is no error of its own.
 */
export function readDbt(
  { files, main, settings, collected, diagnostics }: Reading,
  seeds: ReadonlyMap<string, SeedFile>,
): Dbt | null {
  const spec = settings?.spec.dbt;
  // A broken millrace.yml may name one.
  if (settings === null && isMap(main.value) && main.value["dbt"] !== undefined) collected.broken.add("dbt:manifest");
  if (!settings || !spec) return null;
  const at = (path: readonly string[]): Location => main.at(["dbt", ...path]);
  const found = loadDbt({ files, settings: spec, environment: settings.environment.name, seeds, at });
  if ("nodes" in found) {
    // First, so that a rival is told at its own place.
    collected.claims.unshift(...dbtClaims(found));
    return found;
  }
  collected.broken.add("dbt:manifest");
  diagnostics.push(found);
  return null;
}
