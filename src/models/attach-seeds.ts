/** The side file of seeds: attached read-only when it holds exactly the project's seeds, loaded and folded first when not. */
import path from "node:path";
import type { Diagnostic } from "../core.ts";
import type { Project } from "../project/project.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import type { Folders } from "./folders.ts";
import { attachPrivate, exists, foldAndClose, type Attach, type Folding } from "./own-file.ts";
import { digestSeeds, loadSeeds, seedCatalog, seedsAreLoaded, seedWarnings } from "./seeds.ts";

/** Gives what was lost in reading them (W701). */
export async function attachSeeds(
  project: Project,
  { state }: Folders,
  warehouse: DuckDBWarehouse,
  attach: Attach,
  folding: Folding,
): Promise<readonly Diagnostic[]> {
  if (project.seeds.size === 0) return [];
  const seeds = await digestSeeds(project.root, project.seeds.values());
  if (state === null) {
    await attach(":memory:", seedCatalog, false);
    await loadSeeds(warehouse, seeds);
    return seedWarnings(warehouse, seeds);
  }
  const file = path.join(state, `${project.environment.name}.seeds.duckdb`);
  // A log is of a process that was killed while it loaded or folded: what it left is brought to its end.
  const whole = (await exists(file)) && !(await exists(`${file}.wal`));
  const fresh = whole && (await attach(file, seedCatalog, true), await seedsAreLoaded(warehouse, seeds));
  if (!fresh) {
    if (whole) await warehouse.detach(seedCatalog);
    await attachPrivate(warehouse, file, seedCatalog, attach);
    await loadSeeds(warehouse, seeds);
    await foldAndClose(
      file,
      { ...folding, always: true },
      {
        checkpoint: () => warehouse.execute(`CHECKPOINT ${seedCatalog}`),
        close: () => warehouse.detach(seedCatalog),
      },
    );
    await attach(file, seedCatalog, true);
  }
  return seedWarnings(warehouse, seeds);
}
