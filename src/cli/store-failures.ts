/** `test --store-failures`: the rows that break data tests, a CSV file each, personal values masked. */
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { TestResult } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { isPersonal } from "../models/mask.ts";
import { showRows } from "../models/show.ts";
import type { ColumnSpec, Project } from "../project/project.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { fileName, writeArtifact } from "./artifacts.ts";
import { amount } from "./figures.ts";

const mostRows = 1_000;

interface Place {
  readonly project: Project;
  readonly warehouse: Warehouse;
  /** Absolute folder of artifacts. */
  readonly target: string;
}

/** The results again; those with failing rows say where the rows are. */
export async function storeFailures(results: readonly TestResult[], place: Place): Promise<readonly TestResult[]> {
  const told: TestResult[] = [];
  for (const result of results) told.push(await stored(result, place));
  return told;
}

async function stored(result: TestResult, { project, warehouse, target }: Place): Promise<TestResult> {
  const { kind, sql, status, failures } = result;
  if (kind !== "data" || sql === undefined || failures === undefined || (status !== "failed" && status !== "warned"))
    return result;
  try {
    const specs = specsOf(result, project.models.get(result.subject)?.spec.columns ?? []);
    const columns = await warehouse.describe(sql);
    const shown = await showRows(warehouse, { query: sql, columns, limit: mostRows, specs });
    const file = `failures/${fileName(result.name)}.csv`;
    const rows = shown.rows.map((row) => row.map((cell) => (typeof cell === "object" ? JSON.stringify(cell) : cell)));
    await writeArtifact(join(target, file), stringify([shown.columns.map(({ name }) => name), ...rows]));
    const words = `${amount(rows.length, "row")}${shown.masked.length > 0 ? ", masked" : ""}`;
    return { ...result, detail: [...result.detail, `failing rows: target/${file} (${words})`] };
  } catch (error) {
    // A test whose SQL cannot be listed keeps its verdict.
    if (error instanceof MillraceError) return result;
    throw error;
  }
}

/** The test's own column comes as `value`: personal where the column is. */
function specsOf({ name, subject }: TestResult, columns: readonly ColumnSpec[]): readonly ColumnSpec[] {
  const [path = ""] = name.split(" › ");
  const column = path.slice(subject.length + 1);
  const pii = column !== "" && !isPersonal(column, columns) ? "none" : "other";
  return [...columns, { name: "value", pii, data_tests: [] }];
}
