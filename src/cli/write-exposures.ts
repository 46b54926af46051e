/** `dbt exposures`: audiences and syncs as dbt's exposures, printed or written into the dbt project. */
import { readFile, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { failure } from "../errors.ts";
import { exposuresMark, exposuresOf, exposuresYaml } from "../project/dbt/exposures.ts";
import { isInside } from "../project/files.ts";
import { buildGraph } from "../project/graph.ts";
import { writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { amount } from "./figures.ts";
import { openProject } from "./session.ts";
import { tellDone } from "./tell-done.ts";
import { usage } from "./usage.ts";

export async function writeExposures(context: CommandContext): Promise<0> {
  const { project } = await openProject(context, { loadCode: false });
  if (project.dbt === undefined || project.dbt.manifest === null)
    throw failure("E252", `environment ${project.environment.name} has no dbt manifest`, {
      hint: "name it in millrace.yml: dbt: { manifest: ../dbt/target/manifest.json }, or choose another environment with -e",
    });
  const exposures = exposuresOf(project, buildGraph(project));
  const file = context.values.text("write");
  if (file === undefined) {
    if (context.globals.json) context.terminal.json({ schema: "millrace/dbt_exposures/v1", exposures });
    else context.terminal.out(exposuresYaml(exposures).trimEnd());
    return 0;
  }
  const path = resolve(context.folder, file);
  const folders = [project.root, ...project.allowPaths].map((folder) => resolve(project.root, folder));
  if (!isInside(path, await real(folders)))
    throw usage(
      `--write ${JSON.stringify(file)} lies outside the project`,
      "list dbt's folder under allow_paths in millrace.yml",
      "E005",
    );
  const there = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw usage(`--write ${JSON.stringify(file)} cannot be read`, undefined, "E004");
  });
  if (there !== null && !there.startsWith(exposuresMark))
    throw failure("E251", `${JSON.stringify(file)} was not written by millrace dbt exposures`, {
      hint: "name another file, or take that one away",
    });
  const text = exposuresYaml(exposures);
  // A file of the repository: anybody who reads the project reads it.
  if (there !== text) await writeArtifact(path, text, 0o644);
  tellDone(context, {
    command: "dbt exposures",
    message: `${there === text ? "Nothing changed in" : "Wrote"} ${amount(exposures.length, "exposure")}`,
    files: [file],
    next: "dbt ls --select +exposure:*",
  });
  return 0;
}

async function real(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(folders.map((folder) => realpath(folder).catch(() => null)));
  return found.filter((folder) => folder !== null);
}
