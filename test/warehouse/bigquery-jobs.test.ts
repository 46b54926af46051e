import { describe, expect, it } from "vitest";
import type { Call } from "../../src/warehouse/bigquery-client.ts";
import { jobsOf, labelsOf } from "../../src/warehouse/bigquery-jobs.ts";

type Request = Parameters<Call>[0];

/** A BigQuery that answers in order and keeps what it was asked. */
function scripted(answers: readonly (object | Error)[]): { readonly call: Call; readonly asked: Request[] } {
  const asked: Request[] = [];
  const call: Call = (request) => {
    asked.push(request);
    const answer = answers[asked.length - 1];
    return answer instanceof Error || answer === undefined
      ? Promise.reject(answer ?? new Error("not expected"))
      : Promise.resolve(answer);
  };
  return { call, asked };
}

const mb = 1024 * 1024;
const dry = (bytes: number, tables: number): object => ({
  statistics: {
    query: {
      totalBytesProcessed: String(bytes),
      referencedTables: Array.from({ length: tables }, () => ({})),
      schema: { fields: [{ name: "n", type: "INTEGER" }] },
    },
  },
});
const started = { jobReference: { projectId: "shop", jobId: "j1", location: "EU" } };
const done = {
  jobComplete: true,
  schema: { fields: [] },
  totalRows: "0",
  totalBytesProcessed: "7",
  numDmlAffectedRows: "3",
};
const configurations = (asked: readonly Request[]): any[] =>
  asked.filter(({ method }) => method === "POST").map(({ json }) => (json as any).configuration);
const labels = { tool: "millrace", sync: "VIP to Meta" };

const plain = { useLegacySql: false, connectionProperties: [{ key: "time_zone", value: "UTC" }] };

describe("the limit of bytes", () => {
  it.each([
    ["1.2 times the estimate, and what BigQuery bills a table at least", 100 * mb, 2, 1000 * mb, 140 * mb],
    ["the setting where that is less", 100 * mb, 1, 110 * mb, 110 * mb],
    ["of a statement that reads nothing", 0, 0, 50 * mb, 10 * mb],
    ["the estimate's also without a setting", 100 * mb, 1, undefined, 130 * mb],
    ["the setting exactly", 1000 * mb, 1, 1000 * mb, 1000 * mb],
  ])("is %s", async (_, bytes, tables, limit, billed) => {
    const { call, asked } = scripted([started, done]);
    const jobs = jobsOf(call, { projectId: "shop", ...(limit === undefined ? {} : { maximumBytesBilled: limit }) });
    await jobs.run({ sql: "SELECT 1", labels, estimate: { bytes, tables } }, 0);
    expect(configurations(asked)).toEqual([
      {
        query: { query: "SELECT 1", ...plain, maximumBytesBilled: String(billed) },
        labels: { tool: "millrace", sync: "vip_to_meta" },
      },
    ]);
  });

  it("is the setting alone for what was not estimated: one request, and BigQuery refuses by itself", async () => {
    const { call, asked } = scripted([started, done]);
    await jobsOf(call, { projectId: "shop", maximumBytesBilled: 5 * mb }).run({ sql: "SELECT 1", labels: {} }, 0);
    expect(configurations(asked)).toEqual([
      { query: { query: "SELECT 1", ...plain, maximumBytesBilled: String(5 * mb) }, labels: {} },
    ]);
    const reason = {
      reason: "bytesBilledLimitExceeded",
      message: "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
    };
    const refusing = scripted([{ ...started, status: { errorResult: reason } }]);
    const refused = jobsOf(refusing.call, { projectId: "shop", maximumBytesBilled: 1_000_000 }).run(
      { sql: "SELECT 1", labels: {} },
      0,
    );
    await expect(refused).rejects.toThrow(`E724: ${reason.message}`);
  });

  it("refuses before the run, with the estimate", async () => {
    const { call, asked } = scripted([]);
    const run = jobsOf(call, { projectId: "shop", maximumBytesBilled: 1000 * mb }).run(
      { sql: "SELECT 1", labels, estimate: { bytes: 2000 * mb, tables: 1 } },
      0,
    );
    await expect(run).rejects.toThrow(
      "E724: the statement would read 2097152000 bytes, and max_bytes_billed is 1048576000",
    );
    expect(asked).toEqual([]);
  });

  it("is none where there is neither a setting nor an estimate", async () => {
    const { call, asked } = scripted([started, done]);
    const page = await jobsOf(call, { projectId: "shop", location: "EU", dataset: "crm" }).run(
      { sql: "SELECT 1", labels: {} },
      5,
    );
    expect(page).toEqual({
      jobId: "j1",
      location: "EU",
      fields: [],
      rows: [],
      totalRows: 0,
      changed: 3,
      bytes: 7,
      next: undefined,
    });
    expect(configurations(asked)).toEqual([
      {
        query: { query: "SELECT 1", ...plain, defaultDataset: { projectId: "shop", datasetId: "crm" } },
        labels: {},
      },
    ]);
    expect(asked[1]).toEqual({
      method: "GET",
      uri: "/queries/j1",
      qs: { maxResults: 5, timeoutMs: 10_000, "formatOptions.useInt64Timestamp": true, location: "EU" },
    });
  });
});

it("estimates by a dry run, which runs nothing and reads nothing", async () => {
  const { call, asked } = scripted([dry(100 * mb, 2)]);
  expect(await jobsOf(call, { projectId: "shop" }).estimate({ sql: "SELECT 1", labels })).toEqual({
    bytes: 100 * mb,
    tables: 2,
    fields: [{ name: "n", type: "INTEGER" }],
  });
  expect(configurations(asked)).toEqual([
    { query: { query: "SELECT 1", ...plain }, labels: { tool: "millrace", sync: "vip_to_meta" }, dryRun: true },
  ]);
});

it("waits for a job as long as it runs", async () => {
  const { call, asked } = scripted([started, { jobComplete: false }, { jobComplete: false }, done]);
  await jobsOf(call, { projectId: "shop" }).run({ sql: "SELECT 1", labels: {} }, 0);
  expect(asked.map(({ method }) => method)).toEqual(["POST", "GET", "GET", "GET"]);
});

it("takes a job that is there already for its own: the first answer was lost", async () => {
  const conflict = Object.assign(new Error("Already Exists: Job shop:EU.millrace_x"), { code: 409 });
  const { call, asked } = scripted([conflict, done]);
  await jobsOf(call, { projectId: "shop" }).run({ sql: "SELECT 1", labels: {} }, 0);
  const [{ json } = { json: {} }, waited] = asked;
  expect(waited?.uri).toBe(`/queries/${(json as any).jobReference.jobId}`);
});

it("is an error where the job failed, whoever says it", async () => {
  const reason = { reason: "invalidQuery", message: "Bad int64 value: marie@example.com" };
  const first = scripted([{ ...started, status: { errorResult: reason } }]);
  const later = scripted([started, Object.assign(new Error("…"), { code: 400, errors: [reason] })]);
  for (const { call } of [first, later]) {
    await expect(jobsOf(call, { projectId: "shop" }).run({ sql: "SELECT 1", labels: {} }, 0)).rejects.toThrow(
      "E720: Bad int64 value: …",
    );
  }
});

it("makes labels that BigQuery takes", () => {
  expect(labelsOf({ Run: "R_2026-01-05T10:00:00.000Z", sync: "é".repeat(70) })).toEqual({
    run: "r_2026-01-05t10_00_00_000z",
    sync: "_".repeat(63),
  });
});
