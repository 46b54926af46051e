/** Versions of a sync's mapping: which one a plan is of, and the prints of those that its ledger still holds (R16, R17). */
import { failure } from "../errors.ts";
import { type MappingVersion, type SyncState } from "../ledger/state.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { type DiffInput } from "./diff.ts";
import { type Shape } from "./shape.ts";
import { printedColumns } from "./wanted.ts";
import type { Workspace } from "./workspace.ts";

/** What a mapping version must keep, so that its prints can be computed again (R16). */
interface MappingDefinition {
  readonly header: string;
  readonly columns: readonly string[];
  readonly identity: string;
}

/** The version of today's mapping, and the older ones to compare with where `on_mapping_change` is from_now. */
export async function mappingOf(
  workspace: Workspace,
  ledger: Ledger,
  state: SyncState,
  shape: Shape,
): Promise<{ m: number; isNew: boolean; older: DiffInput["older"] }> {
  if (state.serial === 0 && state.m === 0) return { m: 1, isNew: true, older: [] };
  const versions = workspace.known.mappings.get(state.id) ?? [];
  const same = versions.find((version) => version.hash === shape.mappingHash);
  const latest = versions[0]?.m ?? 0;
  const m = same?.m ?? latest + 1;
  const older =
    shape.sync.spec.on_mapping_change === "from_now"
      ? await olderPrints(workspace, ledger, state, shape, versions, m)
      : [];
  return { m, isNew: same === undefined, older };
}

/** Prints of the wanted rows under the versions the ledger still holds; E621 where identity changed (R17). */
async function olderPrints(
  workspace: Workspace,
  ledger: Ledger,
  state: SyncState,
  shape: Shape,
  versions: readonly MappingVersion[],
  m: number,
): Promise<DiffInput["older"]> {
  const { dialect } = workspace.warehouse;
  const { text } = wordsOf(dialect);
  const rows = await workspace.warehouse.rows(
    `SELECT DISTINCT m FROM ${sentTable(ledger, state.id)} WHERE state = 'ok' AND m <> ${m}`,
  );
  return rows.flatMap((row) => {
    const version = versions.find((candidate) => candidate.m === Number(row["m"]));
    if (version === undefined) return [];
    const definition = JSON.parse(version.definition) as MappingDefinition;
    if (definition.identity !== shape.identityHash) {
      throw failure(
        "E621",
        `sync "${shape.sync.name}" changed its identifiers, key or mode, which cannot be from_now`,
        {
          at: shape.sync.at(["on_mapping_change"]),
          hint: "say on_mapping_change: backfill: the old identifiers have to be taken out of the platform",
        },
      );
    }
    const texts = definition.columns.map((column) => {
      const family = shape.families.get(column);
      return family === undefined ? text("NULL") : dialect.canonical(`d.${dialect.quote(column)}`, family);
    });
    return [
      {
        m: version.m,
        print: dialect.stablePrint([dialect.literal(definition.header), ...texts]),
        columns: definition.columns.filter((column) => shape.families.has(column)),
      },
    ];
  });
}

/** What is kept of a mapping version. */
export function mappingDefinition(shape: Shape): string {
  const definition: MappingDefinition = {
    header: shape.header,
    columns: printedColumns(shape),
    identity: shape.identityHash,
  };
  return JSON.stringify(definition);
}
