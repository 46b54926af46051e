import type { Jobs, Page, Statement } from "./bigquery-jobs.ts";
import type { StorageReader } from "./bigquery-storage.ts";
import { converterOf } from "./bigquery-values.ts";
import type { ColumnBatch } from "./warehouse.ts";

/** Rows of one page; the API sends fewer where they are wide. */
const pageRows = 10_000;
/** Above this many rows the Storage Read API is worth its session. */
const manyRows = 50_000;

/** A query's rows, page by page, asked for as they are used; many rows in columns from where the result is stored, where that can be read. */
export async function* readRows(
  jobs: Jobs,
  statement: Statement,
  bytes: boolean,
  storage: StorageReader | null,
  ran: (page: Page) => void,
): AsyncGenerator<ColumnBatch> {
  let page = await jobs.run(statement, pageRows);
  ran(page);
  if (storage !== null && page.totalRows > manyRows) {
    const table = await jobs.resultOf(page);
    const batches = table === null ? null : await storage.open(table, page.fields, bytes);
    if (batches !== null) {
      yield* batches;
      return;
    }
  }
  const { fields } = page;
  while (true) {
    const batch = batchOf(page, fields, bytes);
    if (batch.rows > 0) yield batch;
    if (page.next === undefined) return;
    page = await jobs.page(page, page.next, pageRows);
  }
}

/** All rows of a small query as objects. */
export async function allRows(
  jobs: Jobs,
  statement: Statement,
  ran: (page: Page) => void,
): Promise<Record<string, any>[]> {
  let page = await jobs.run(statement, pageRows);
  ran(page);
  const { fields } = page;
  const found: Record<string, any>[] = [];
  const converters = fields.map((field) => converterOf(field));
  while (true) {
    for (const { f } of page.rows)
      found.push(Object.fromEntries(fields.map(({ name }, index) => [name, converters[index]?.(f[index]?.v)])));
    if (page.next === undefined) return found;
    page = await jobs.page(page, page.next, pageRows);
  }
}

function batchOf({ rows }: Page, fields: Page["fields"], bytes: boolean): ColumnBatch {
  const columns = fields.map((field, index) => {
    const convert = converterOf(field, bytes);
    return rows.map(({ f }) => convert(f[index]?.v));
  });
  return { rows: rows.length, columns };
}
