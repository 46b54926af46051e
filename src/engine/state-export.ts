/** `millrace state export`: the ledger as rows of text, so that it can move to another machine or warehouse. */
import { sharedTable } from "../ledger/tables.ts";
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
  const texts = columns.map((column) => `${column.toText(warehouse.dialect.quote(column.name))} AS c`);
  const aliased = texts.map((text, index) => `${text}${index}`);
  const rows: (string | null)[][] = [];
  for await (const batch of warehouse.read(`SELECT ${aliased.join(", ")} FROM ${relation}${sent} ORDER BY ALL`)) {
    for (let row = 0; row < batch.rows; row += 1) {
      rows.push(batch.columns.map((column) => (column[row] ?? null) as string | null));
    }
  }
  return rows;
}
