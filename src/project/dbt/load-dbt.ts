/** The dbt project that millrace.yml names, for the environment of the run. */
import path from "node:path";
import type { Diagnostic, Location } from "../../core.ts";
import type { ProjectFiles } from "../files.ts";
import type { SeedFile } from "../project.ts";
import type { DbtSettings } from "../schema/dbt.ts";
import { readArtifact, type Artifact, type Unreadable } from "./artifact.ts";
import type { Dbt, DbtNode, DbtSource } from "./dbt.ts";
import { runResultsSchema } from "./manifest-schema.ts";
import { readManifest } from "./read-manifest.ts";
import { judgeResults, type Success } from "./success.ts";

export interface LoadDbt {
  readonly files: ProjectFiles;
  readonly settings: DbtSettings;
  readonly environment: string;
  readonly seeds: ReadonlyMap<string, SeedFile>;
  /** Place of a key below `dbt:` in millrace.yml. */
  at(path: readonly string[]): Location;
}

/** Reads the manifest and what lies beside it; null (and E247 with the reason) when that cannot be. */
export function loadDbt({ files, settings, environment, seeds, at }: LoadDbt): Dbt | Diagnostic {
  const file = settings.manifest ?? settings.manifests?.[environment];
  const place = at(settings.manifest === undefined ? ["manifests", environment] : ["manifest"]);
  if (file === undefined) return seedsAsNodes(seeds, at(["manifests"]));
  const problem = (message: string, hint: string): Diagnostic => ({
    code: "E247",
    severity: "error",
    message,
    at: place,
    hint,
  });
  const artifact = readArtifact(files, file);
  if ("problem" in artifact) return problem(...unreadable(file, artifact.problem));
  const beside = (name: string): string => path.posix.join(path.posix.dirname(file.replaceAll("\\", "/")), name);
  const catalog = readArtifact(files, beside("catalog.json"));
  const read = readManifest(artifact.json, "json" in catalog ? catalog.json : null);
  if ("lacks" in read)
    return problem(
      `dbt's manifest "${file}" lacks what millrace reads: ${read.lacks}`,
      "manifests of version 10 to 12 have it (dbt 1.6 and newer): run dbt build with such a version",
    );
  const { attachedTo, ...manifest } = read;
  const success = settings.require_success
    ? judgeSuccess(readArtifact(files, beside("run_results.json")), attachedTo)
    : { failed: new Map(), unproven: null };
  return { manifest: file, ...manifest, ...success, at: place };
}

const unreadable = (file: string, problem: Unreadable): [message: string, hint: string] => {
  switch (problem) {
    case "outside":
      return [
        `the path "${file}" leads outside the project`,
        `allow_paths: [${JSON.stringify(path.posix.dirname(file))}] in millrace.yml, if it is meant`,
      ];
    case "absent":
      return [`there is no dbt manifest "${file}"`, "dbt build writes it; the path is relative to millrace.yml"];
    case "large":
      return [`dbt's manifest "${file}" is larger than 500 MB`, "is it a manifest.json of dbt?"];
    case "unreadable":
      return [`dbt's manifest "${file}" cannot be read`, "is it a text file that this user may read?"];
    case "broken":
      return [`dbt's manifest "${file}" is not JSON`, "was dbt stopped while it wrote? Run dbt build again"];
  }
};

function judgeSuccess(artifact: Artifact, attachedTo: ReadonlyMap<string, string>): Success {
  const unproven = (why: string): Success => ({ failed: new Map(), unproven: why });
  if ("problem" in artifact)
    return unproven(
      artifact.problem === "absent"
        ? "there is no run_results.json beside the manifest"
        : "run_results.json beside the manifest cannot be read",
    );
  const results = runResultsSchema.safeParse(artifact.json);
  return results.success
    ? judgeResults(results.data, attachedTo)
    : unproven("run_results.json beside the manifest is none of dbt's");
}

/** Decision 52: where no manifest is named, `seeds/dbt/<name>.csv` stands for the node, `seeds/<source>/<table>.csv` for the source's table. */
function seedsAsNodes(seeds: ReadonlyMap<string, SeedFile>, at: Location): Dbt {
  const nodes = [...seeds.values()].flatMap(({ name, path: file }): readonly DbtNode[] => {
    const node = /^dbt\.([A-Za-z_]\w*)$/.exec(name)?.[1];
    if (node === undefined) return [];
    const shape = { contract: null, sql: null, added: [], catalog: null };
    const plain = { tags: [], meta: {}, columns: [], data_tests: [], description: "", relation: null, shape };
    return [{ ...plain, name: node, uniqueId: file, kind: "seed", ref: `ref('${node}')` }];
  });
  return {
    manifest: null,
    version: "",
    generatedAt: null,
    nodes: new Map(nodes.map((node) => [node.name, node])),
    sources: seedsAsSources(seeds),
    unusable: new Map(),
    failed: new Map(),
    unproven: null,
    at,
  };
}

function seedsAsSources(seeds: ReadonlyMap<string, SeedFile>): ReadonlyMap<string, DbtSource> {
  const sources = new Map<string, DbtSource>();
  for (const seed of seeds.keys()) {
    const [schema = "", name] = seed.split(".");
    if (name === undefined || schema === "dbt") continue;
    const table = { name, relation: { database: null, schema, name }, description: "", columns: [] };
    const tables = [...(sources.get(schema)?.tables ?? []), table];
    sources.set(schema, { name: schema, schema, description: "", tables });
  }
  return sources;
}
