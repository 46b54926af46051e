import type { Warehouse } from "./warehouse.ts";

/** Runs statements after each other: as one text where the warehouse takes several, which costs one wait. Not for queries. */
export async function executeAll(warehouse: Warehouse, statements: readonly string[]): Promise<void> {
  const texts =
    warehouse.capabilities.severalInOne && statements.length > 1
      ? [statements.map((sql) => `${sql}\n;`).join("\n")]
      : statements;
  for (const text of texts) await warehouse.execute(text);
}
