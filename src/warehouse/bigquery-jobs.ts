import { randomUUID } from "node:crypto";
import { failure } from "../errors.ts";
import type { Call } from "./bigquery-client.ts";
import { bigqueryError } from "./bigquery-error.ts";
import type { Cell } from "./bigquery-values.ts";
import type { Field } from "./bigquery-types.ts";
import type { Estimate, Labels } from "./warehouse.ts";

export interface JobOptions {
  readonly projectId: string;
  readonly location?: string;
  /** Where names without a dataset are looked for. */
  readonly dataset?: string;
  /** No statement may be billed more than this: BigQuery refuses what would be, before it runs. */
  readonly maximumBytesBilled?: number;
}

export interface Statement {
  readonly sql: string;
  readonly parameters?: readonly object[];
  readonly labels: Labels;
  /** What it was found to read: refused above the limit, and held to a little more than this. */
  readonly estimate?: Estimate;
}

/** What a dry run tells. */
export interface Described extends Estimate {
  readonly fields: readonly Field[];
}

/** A page of a finished job's result. */
export interface Page {
  readonly jobId: string;
  readonly location: string | undefined;
  readonly fields: readonly Field[];
  readonly rows: readonly { readonly f: readonly Cell[] }[];
  readonly totalRows: number;
  /** Rows changed by DML; null where the result does not say, as for DDL. */
  readonly changed: number | null;
  readonly bytes: number;
  readonly next: string | undefined;
}

export interface Jobs {
  /** What a statement would read and give, without running it. */
  estimate(statement: Statement): Promise<Described>;
  /** Runs a statement to its end; the first `maxResults` rows with it. E724 where it would cost too much. */
  run(statement: Statement, maxResults: number): Promise<Page>;
  /** More rows of a job that `run` gave. */
  page(job: Page, token: string, maxResults: number): Promise<Page>;
  /** Rows that a finished job changed, where `run` was not told. */
  changedBy(job: Page): Promise<number>;
  /** The table that holds a job's result for 24 hours. */
  resultOf(
    job: Page,
  ): Promise<{ readonly projectId: string; readonly datasetId: string; readonly tableId: string } | null>;
}

/** One wait for a job, milliseconds; then it is asked again. */
const waitMs = 10_000;
/** A table that a statement reads is billed for 10 MB at least. https://cloud.google.com/bigquery/pricing#on_demand_pricing */
const leastBilled = 10 * 1024 * 1024;
/** A project or organisation may have set another zone than UTC (R18). https://cloud.google.com/bigquery/docs/reference/rest/v2/ConnectionProperty */
const connectionProperties = [{ key: "time_zone", value: "UTC" }];

export function jobsOf(call: Call, options: JobOptions): Jobs {
  const { projectId, location, dataset, maximumBytesBilled: limit } = options;

  async function insert(
    statement: Statement,
    more: { readonly dryRun?: boolean; readonly maximum?: number },
  ): Promise<any> {
    const { sql, parameters = [], labels } = statement;
    // Named here: where an answer is lost, the client asks again and gets the same job, not a second one.
    const jobReference = {
      projectId,
      jobId: `millrace_${randomUUID()}`,
      ...(location === undefined ? {} : { location }),
    };
    const query = {
      query: sql,
      useLegacySql: false,
      connectionProperties,
      ...(parameters.length === 0 ? {} : { parameterMode: "POSITIONAL", queryParameters: parameters }),
      ...(dataset === undefined ? {} : { defaultDataset: { projectId, datasetId: dataset } }),
      ...(more.maximum === undefined ? {} : { maximumBytesBilled: String(more.maximum) }),
    };
    const configuration = { query, labels: labelsOf(labels), ...(more.dryRun === true ? { dryRun: true } : {}) };
    try {
      return await call({ method: "POST", uri: "/jobs", json: { jobReference, configuration } });
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 409 && more.dryRun !== true) return { jobReference };
      throw bigqueryError(error);
    }
  }

  async function results(jobId: string, at: string | undefined, maxResults: number, token?: string): Promise<Page> {
    const qs = {
      maxResults,
      timeoutMs: waitMs,
      "formatOptions.useInt64Timestamp": true,
      ...(at === undefined ? {} : { location: at }),
      ...(token === undefined ? {} : { pageToken: token }),
    };
    while (true) {
      const body = await call({ method: "GET", uri: `/queries/${jobId}`, qs }).catch((error: unknown) => {
        throw bigqueryError(error);
      });
      if (body.jobComplete !== false) return pageOf(body, jobId, at);
    }
  }

  async function jobOf({ jobId, location: at }: Page): Promise<any> {
    const qs = at === undefined ? {} : { location: at };
    return call({ method: "GET", uri: `/jobs/${jobId}`, qs }).catch((error: unknown) => {
      throw bigqueryError(error);
    });
  }

  async function estimate(statement: Statement): Promise<Described> {
    const { statistics = {}, status } = await insert(statement, { dryRun: true });
    if (status?.errorResult !== undefined) throw bigqueryError({ errors: [status.errorResult] });
    return {
      bytes: Number(statistics.query?.totalBytesProcessed ?? statistics.totalBytesProcessed ?? 0),
      tables: (statistics.query?.referencedTables ?? []).length,
      fields: statistics.query?.schema?.fields ?? [],
    };
  }

  /** Statements that were not estimated, small ones over the ledger, are held to the limit alone: a dry run each would double their number. */
  function maximumOf({ estimate: expected }: Statement): number | undefined {
    if (expected === undefined) return limit;
    const { bytes, tables } = expected;
    if (limit !== undefined && bytes > limit) {
      throw failure("E724", `the statement would read ${bytes} bytes, and max_bytes_billed is ${limit}`, {
        hint: "raise `max_bytes_billed`, or read less: partitions, clusters, fewer columns; nothing was run",
      });
    }
    return Math.min(limit ?? Infinity, Math.ceil(bytes * 1.2) + Math.max(1, tables) * leastBilled);
  }

  return {
    estimate,
    async run(statement, maxResults) {
      const maximum = maximumOf(statement);
      const { jobReference, status } = await insert(statement, maximum === undefined ? {} : { maximum });
      if (status?.errorResult !== undefined) throw bigqueryError({ errors: [status.errorResult] });
      return results(jobReference.jobId, jobReference.location ?? location, maxResults);
    },
    page: (job, token, maxResults) => results(job.jobId, job.location, maxResults, token),
    changedBy: async (job) => Number((await jobOf(job)).statistics?.query?.numDmlAffectedRows ?? 0),
    resultOf: async (job) => (await jobOf(job)).configuration?.query?.destinationTable ?? null,
  };
}

function pageOf(body: any, jobId: string, location: string | undefined): Page {
  if (body.errors?.length > 0 && body.schema === undefined && body.rows === undefined)
    throw bigqueryError({ errors: body.errors });
  return {
    jobId,
    location: body.jobReference?.location ?? location,
    fields: body.schema?.fields ?? [],
    rows: body.rows ?? [],
    totalRows: Number(body.totalRows ?? 0),
    changed: body.numDmlAffectedRows === undefined ? null : Number(body.numDmlAffectedRows),
    bytes: Number(body.totalBytesProcessed ?? 0),
    next: body.pageToken === "" ? undefined : body.pageToken,
  };
}

/** Lower case, digits, `_` and `-`, 63 characters. https://cloud.google.com/bigquery/docs/labels-intro#requirements */
export function labelsOf(labels: Labels): Record<string, string> {
  const fit = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, "_")
      .slice(0, 63);
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [fit(key), fit(value)]));
}
