/** Reads the rows of a plan that share identifiers, group by group, with the quiet ones beside them. */
import type { ColumnBatch } from "../warehouse/warehouse.ts";
import {
  lastAsked,
  nettedTable,
  opCodes,
  planTable,
  preparedTable,
  quietCodes,
  refusedTable,
  type PlanOp,
} from "./diff.ts";
import { identitiesOf, type Identity } from "./prepare.ts";
import { cellsOf, rowsOf, type PlanRow, type PlanSource } from "./rows.ts";

/** A row that shares identifiers with others of its group `g`; quiet ones ask nothing, whatever their `op` says. */
export interface TangledRow {
  readonly g: number;
  readonly quiet: boolean;
  readonly row: PlanRow;
}

/**
 * Rows that share identifiers, whole groups at a time and many groups together: no group is cut. `groups` is a relation
 * with `n` and `g`; fates are read where they are known already.
 */
export async function* readTangled(
  source: PlanSource,
  groups: string,
  chunkRows = 4_096,
): AsyncGenerator<readonly TangledRow[]> {
  const { warehouse, target, id, shape } = source;
  const identities = identitiesOf(shape);
  const query = `SELECT ${cellsOf(shape, identities)}, p.op, t.g
FROM ${groups} t JOIN ${planTable(target, id)} p ON p.n = t.n
LEFT JOIN ${preparedTable(target, id)} q ON q.n = p.n
LEFT JOIN ${nettedTable(target, id)} w ON w.n = p.n
LEFT JOIN ${refusedTable(target, id)} r ON r.n = p.n
ORDER BY t.g, p.k`;
  let chunk: TangledRow[] = [];
  for await (const batch of warehouse.read(query)) {
    for (const next of tangledOf(source, identities, batch)) {
      if (chunk.length >= chunkRows && chunk.at(-1)?.g !== next.g) {
        yield chunk;
        chunk = [];
      }
      chunk.push(next);
    }
  }
  if (chunk.length > 0) yield chunk;
}

function tangledOf(source: PlanSource, identities: readonly Identity[], batch: ColumnBatch): TangledRow[] {
  const opAt = 20 + identities.length + source.shape.identifiers.length;
  const codes = (batch.columns[opAt] ?? []).map(Number);
  const opOf = (code: number): PlanOp =>
    code === quietCodes.gone ? "remove" : (names.find((op) => opCodes[op] === code) ?? "update");
  return rowsOf(source, identities, (at) => opOf(codes[at] ?? 0), batch).map((row, at) => ({
    g: Number(batch.columns[opAt + 1]?.[at]),
    quiet: (codes[at] ?? 0) > lastAsked,
    row,
  }));
}

const names = Object.keys(opCodes) as readonly PlanOp[];
