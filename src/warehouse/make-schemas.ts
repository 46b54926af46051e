/** The schemas that are millrace's own in a warehouse of many: made where they are missing, and only there. */
import { failure, MillraceError } from "../errors.ts";
import type { Warehouse } from "./warehouse.ts";

/**
 * Makes those that are not there. E718 where that is not allowed.
 *
 * Looked for first: both warehouses ask for the right to make schemas even when CREATE SCHEMA IF NOT EXISTS has nothing to make.
 */
export async function makeSchemas(warehouse: Warehouse, places: readonly (readonly string[])[]): Promise<void> {
  for (const place of places) if (!(await warehouse.hasSchema(place))) await makeSchema(warehouse, place);
}

async function makeSchema(warehouse: Warehouse, place: readonly string[]): Promise<void> {
  try {
    await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${warehouse.dialect.relation(...place)}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [first] = (error as MillraceError).diagnostics;
    throw failure("E718", `there is no schema ${place.join(".")}, and it cannot be made: ${first?.message}`, {
      hint: "`millrace grants` prints the statements for who may make it",
      cause: error,
    });
  }
}

/** Not found, or not allowed, which warehouses do not always tell apart. */
const isRefusal = (error: unknown): boolean =>
  error instanceof MillraceError &&
  error.diagnostics.some(({ code }) => ["E701", "E720", "E721", "E722", "E739", "E742"].includes(code));
