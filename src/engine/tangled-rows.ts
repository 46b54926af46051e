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
import { rowOf, rowText, type RowCells } from "./row-text.ts";
import type { PlanRow, PlanSource } from "./rows.ts";

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
  const query = `SELECT ${rowText(shape, identities)}, CAST(p.op AS DOUBLE), CAST(t.g AS DOUBLE)
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

function tangledOf(
  source: PlanSource,
  identities: readonly Identity[],
  { rows, columns: [texts = [], codes = [], groups = []] }: ColumnBatch,
): TangledRow[] {
  return Array.from({ length: rows }, (_, at) => {
    const code = codes[at] as number;
    const cells = JSON.parse(texts[at] as string) as RowCells;
    return { g: groups[at] as number, quiet: code > lastAsked, row: rowOf(source, identities, opOf(code), cells) };
  });
}

const opOf = (code: number): PlanOp =>
  code === quietCodes.gone ? "remove" : (names.find((op) => opCodes[op] === code) ?? "update");

const names = Object.keys(opCodes) as readonly PlanOp[];
