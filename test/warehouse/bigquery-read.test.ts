import { expect, it } from "vitest";
import type { Jobs, Page } from "../../src/warehouse/bigquery-jobs.ts";
import { allRows, readRows } from "../../src/warehouse/bigquery-read.ts";
import type { StorageReader } from "../../src/warehouse/bigquery-storage.ts";
import type { ColumnBatch } from "../../src/warehouse/warehouse.ts";

const statement = { sql: "SELECT n FROM t", labels: {} };
const reference = { projectId: "shop", datasetId: "_anonymous", tableId: "result" };

/** A job of `pages` pages with one row each, of which it says that there are `totalRows`; keeps which pages were asked for. */
function job(pages: number, totalRows: number): { readonly jobs: Jobs; readonly asked: number[] } {
  const asked: number[] = [];
  const page = (index: number): Promise<Page> => {
    asked.push(index);
    return Promise.resolve({
      jobId: "j",
      location: "EU",
      fields: [{ name: "n", type: "INTEGER" }],
      rows: [{ f: [{ v: String(index) }] }],
      totalRows,
      changed: null,
      bytes: 0,
      next: index + 1 < pages ? String(index + 1) : undefined,
    });
  };
  const refuse = (): never => {
    throw new Error("not expected");
  };
  return {
    asked,
    jobs: {
      estimate: refuse,
      run: () => page(0),
      page: (_, token) => page(Number(token)),
      changedBy: refuse,
      resultOf: () => Promise.resolve(reference),
    },
  };
}

const storageOf = (
  batches: readonly ColumnBatch[] | null,
): { readonly storage: StorageReader; readonly opened: object[] } => {
  const opened: object[] = [];
  async function* all(): AsyncGenerator<ColumnBatch> {
    yield* batches ?? [];
  }
  const open: StorageReader["open"] = (table) => {
    opened.push(table);
    return Promise.resolve(batches === null ? null : all());
  };
  return { opened, storage: { open, close: () => Promise.resolve() } };
};

async function numbers(batches: AsyncIterable<ColumnBatch>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { columns } of batches) found.push(...(columns[0] ?? []));
  return found;
}

it("asks for a page only when the one before is used up", async () => {
  const { jobs, asked } = job(5, 5);
  for await (const batch of readRows(jobs, statement, false, null, () => undefined)) {
    if (batch.columns[0]?.[0] === 1) break;
  }
  expect(asked).toEqual([0, 1]);
});

it("reads many rows from where the result is stored, and not page by page", async () => {
  const { jobs, asked } = job(9, 50_001);
  const { storage, opened } = storageOf([{ rows: 2, columns: [[7, 8]] }]);
  expect(await numbers(readRows(jobs, statement, false, storage, () => undefined))).toEqual([7, 8]);
  expect([asked, opened]).toEqual([[0], [reference]]);
});

it("reads page by page what are not many rows, and where the Storage API refuses", async () => {
  const few = storageOf([]);
  expect(await numbers(readRows(job(3, 50_000).jobs, statement, false, few.storage, () => undefined))).toEqual([
    0, 1, 2,
  ]);
  expect(few.opened).toEqual([]);
  const refusing = storageOf(null);
  expect(await numbers(readRows(job(3, 50_001).jobs, statement, false, refusing.storage, () => undefined))).toEqual([
    0, 1, 2,
  ]);
  expect(refusing.opened).toEqual([reference]);
});

it("gives all pages as objects", async () => {
  expect(await allRows(job(3, 3).jobs, statement, () => undefined)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
});
