import { appendRows } from "./bigquery-append.ts";
import { fieldsOf } from "./bigquery-table.ts";
import { type BigQueryCredentials, openClient } from "./bigquery-client.ts";
import { bigqueryDialect } from "./bigquery-dialect.ts";
import { jobsOf, type Page, type Statement } from "./bigquery-jobs.ts";
import { bound } from "./bigquery-parameters.ts";
import { allRows, readRows } from "./bigquery-read.ts";
import { storagePackage, storageReader } from "./bigquery-storage.ts";
import { columnOf } from "./bigquery-types.ts";
import { hasPackage } from "./load-package.ts";
import type { Labels, Warehouse } from "./warehouse.ts";

export type { BigQueryCredentials } from "./bigquery-client.ts";

export interface BigQueryOptions {
  /** The project that jobs run in and are billed to. */
  readonly project: string;
  /** Where the datasets are: `EU`, `europe-west9`. */
  readonly location?: string;
  /** Where names without a dataset are looked for. */
  readonly dataset?: string;
  readonly credentials: BigQueryCredentials;
  /** The folder of millrace.yml, where Google's client is looked for first. */
  readonly projectFolder: string;
  /** Labels of every job. */
  readonly labels?: Labels;
  /** No statement may be billed more bytes. */
  readonly maximumBytesBilled?: number;
  /** Whether results of more than 50,000 rows come over the Storage Read API: default where its package is installed. */
  readonly storageApi?: boolean;
  /** Addresses of an emulator. */
  readonly endpoint?: string;
  readonly storageEndpoint?: { readonly host: string; readonly port: number };
}

/** Opens BigQuery; Google's client is loaded here and not before. Nothing is asked of BigQuery yet. */
export async function openBigQuery(options: BigQueryOptions): Promise<Warehouse> {
  const { project, projectFolder, labels = {} } = options;
  const { project: _, dataset, location, maximumBytesBilled, ...rest } = options;
  const clientOptions = { ...rest, projectId: project };
  const call = await openClient(clientOptions);
  const jobs = jobsOf(call, { projectId: project, ...defined({ dataset, location, maximumBytesBilled }) });
  const bulk = options.storageApi ?? hasPackage(storagePackage, projectFolder);
  const storage = bulk ? storageReader(clientOptions) : null;
  const used = { statements: 0, bytes: 0 };
  const count = (page: Page): void => {
    used.bytes += page.bytes;
  };

  function withLabels(marks: Labels): Warehouse {
    const statement = (sql: string, more: Omit<Statement, "sql" | "labels"> = {}): Statement => ({
      sql,
      labels: marks,
      ...more,
    });
    const counted = (sql: string, more: Omit<Statement, "sql" | "labels"> = {}): Statement => {
      used.statements += 1;
      return statement(sql, more);
    };
    const run = async (asked: Statement): Promise<number> => {
      const page = await jobs.run(asked, 0);
      count(page);
      return page.changed ?? jobs.changedBy(page);
    };
    return {
      type: "bigquery",
      dialect: bigqueryDialect,
      capabilities: {
        transactionalDdl: false,
        bulkRead: bulk ? "storage-api" : "pages",
        costEstimate: true,
        severalInOne: true,
        concurrentWriters: true,
      },
      describe: async (sql) => (await jobs.estimate(statement(sql))).fields.map(columnOf),
      execute(sql, parameters = [], { estimate } = {}) {
        const { sql: written, parameters: values } = bound(sql, parameters);
        const held = estimate === undefined || estimate === null ? {} : { estimate };
        return run(counted(written, { parameters: values, ...held }));
      },
      async script(statements) {
        // A script that ends before its COMMIT is rolled back by BigQuery itself. A line break ends a comment.
        const body = ["BEGIN TRANSACTION", ...statements, "COMMIT TRANSACTION"].map((sql) => `${sql}\n;`).join("\n");
        used.statements += statements.length - 1;
        await run(counted(body));
      },
      rows(sql, parameters = []) {
        const { sql: written, parameters: values } = bound(sql, parameters);
        return allRows(jobs, counted(written, { parameters: values }), count);
      },
      read: (sql, { bytes = false } = {}) => readRows(jobs, counted(sql), bytes, storage, count),
      append: (table, rows) =>
        appendRows(
          {
            fieldsOf: (relation) => fieldsOf(call, relation, project, dataset),
            execute: (sql, parameters) => run(counted(sql, { parameters })),
          },
          table,
          rows,
        ),
      async estimate(sql) {
        const { bytes, tables } = await jobs.estimate(statement(sql));
        return { bytes, tables };
      },
      usage: () => ({ ...used }),
      labelled: (more) => withLabels({ ...marks, ...more }),
      close: async () => storage?.close(),
    };
  }
  return withLabels({ tool: "millrace", ...labels });
}

function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
