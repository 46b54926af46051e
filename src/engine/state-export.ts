/** `millrace state export`: the ledger as rows of text, so that it can move to another machine or warehouse. */
import { sharedTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { EngineOptions, StateExport } from "./api.ts";
import { iso } from "./document.ts";
import { layoutOf, type LedgerColumn } from "./ledger-layout.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";

/**
 * Every table of the ledger, by name, rows in the order of their columns. Rows of saved plans stay behind, and with them
 * the plans that wait to be sent. Personal data: whoever writes it to a file makes it readable by its owner only.
 */
export function exportState(options: EngineOptions): Promise<StateExport> {
  const { project, ports } = options;
  return withLedger(options, "read", async (view) => {
    const tables: StateExport["tables"][number][] = [];
    for (const name of view.tables) {
      const columns = layoutOf(view.ledger, name);
      if (columns === null) continue;
      tables.push({ name, columns: columns.map((column) => column.name), rows: await rowsOf(view, name, columns) });
    }
    return {
      schema: "millrace/state/v1",
      environment: project.environment.name,
      exported_at: iso(ports.clock.now()),
      tables,
    };
  });
}

async function rowsOf(
  { session, warehouse, ledger }: LedgerView,
  name: string,
  columns: readonly LedgerColumn[],
): Promise<readonly (readonly (string | null)[])[]> {
  const relation = name === "plans" ? sharedTable(ledger, "plans") : session.ledger(name);
  const sent = name === "plans" ? " WHERE used_by IS NOT NULL" : "";
  const texts = columns.map((column, at) => `${column.toText(warehouse.dialect.quote(column.name))} AS c${at}`);
  const order = wordsOf(ledger.dialect).byAll(columns.map((_, at) => `c${at}`));
  const rows: (string | null)[][] = [];
  for await (const batch of warehouse.read(`SELECT ${texts.join(", ")} FROM ${relation}${sent} ORDER BY ${order}`)) {
    for (let row = 0; row < batch.rows; row += 1) {
      rows.push(batch.columns.map((column, at) => exported(columns[at], (column[row] ?? null) as string | null)));
    }
  }
  return rows;
}

const exported = (column: LedgerColumn | undefined, text: string | null): string | null =>
  text === null || column === undefined ? text : column.exported(text);
