import { describe, expect, test } from "vitest";
import { runSummary, planSummary } from "../../src/cli/github-summary.ts";
import { metricsText } from "../../src/cli/metrics.ts";
import { githubAnnotations, githubReporter } from "../../src/cli/reporters/github.ts";
import { jsonReporter } from "../../src/cli/reporters/json.ts";
import { junitReporter } from "../../src/cli/reporters/junit.ts";
import type { Report } from "../../src/cli/reporters/report.ts";
import { sarifReporter } from "../../src/cli/reporters/sarif.ts";
import { safeJson } from "../../src/cli/safe-text.ts";
import { painter } from "../../src/cli/terminal.ts";
import { explainText } from "../../src/cli/text/explain.ts";
import { planText } from "../../src/cli/text/plan.ts";
import { runText, runsText } from "../../src/cli/text/run.ts";
import { statusText } from "../../src/cli/text/status.ts";
import { testsText } from "../../src/cli/text/tests.ts";
import { explanation, plan, run, status, tests } from "./documents.ts";

const paint = painter(false);
const label = (sync: string): string => sync.replace("_to_", " -> ");
const report: Report = {
  command: "test",
  environment: "ci",
  engine: "bigquery",
  diagnostics: [],
  tests,
  files: 3,
  durationMs: 1800,
  version: "0.0.0",
};
const problems: Report = {
  ...report,
  command: "validate",
  tests: [],
  diagnostics: [
    {
      code: "E204",
      severity: "error",
      message: 'no column "contry"',
      at: { file: "models/a.yml", line: 10, column: 14, length: 6 },
      hint: 'did you mean "country"?',
    },
  ],
};

/** Each text is compared with its golden file: `npx vitest run test/cli -u` accepts a new one, to be read in review. */
const texts: Readonly<Record<string, () => string | Promise<string>>> = {
  "plan.txt": () =>
    planText(plan, {
      paint,
      sampleRows: 5,
      label: (sync) => label(sync.sync),
      warehouse: "duckdb",
      savedTo: "plan.json",
      next: "millrace sync -e prod --plan plan.json",
    }),
  "plan.json": () => safeJson(plan),
  "plan.md": () => planSummary(plan),
  "run.txt": () => runText(run, { paint, label }),
  "run.json": () => safeJson(run),
  "run.md": () => runSummary(run),
  "run.prom": () => metricsText(run, plan, ""),
  "runs.txt": () => runsText([run], paint),
  "status.txt": () => statusText(status, paint),
  "status.json": () => safeJson(status),
  "explain.txt": () => explainText(explanation, { paint, limit: 20 }),
  "explain.json": () => safeJson(explanation),
  "tests.txt": () =>
    testsText(tests, {
      paint,
      durationMs: 1800,
      engine: "duckdb",
      sqlFile: () => "target/compiled/unit/x.sql",
      verbose: false,
    }),
  "test.json": () => jsonReporter(report),
  "validate.json": () => jsonReporter(problems),
  "junit.xml": () => junitReporter(report),
  "validate.sarif": () => sarifReporter(problems),
  "annotations.txt": () => githubReporter({ ...report, diagnostics: problems.diagnostics }),
};

describe("every document as text", () => {
  test.each(Object.keys(texts))("%s", async (file) => {
    await expect(await texts[file]!()).toMatchFileSnapshot(`golden/${file}`);
  });

  test("a guard stop prints the exact words that let it pass", () => {
    const text = planText(plan, {
      paint,
      sampleRows: 0,
      label: (sync) => sync.sync,
      warehouse: "duckdb",
      next: "millrace sync",
    });
    expect(text).toContain('! high_value_to_klaviyo   stopped by guard G2 "shrink"');
    expect(text).toContain('millrace sync high_value_to_klaviyo -e prod --override-guard G2 --reason "why"');
  });

  const [first, ...others] = plan.syncs;
  const costly = [
    { ...first!, cost: { bytes: 2 ** 41, usd: 12.5 } },
    { ...others[0]!, cost: { bytes: 1e9, usd: 0.006 } },
  ];
  test.each([
    ["bigquery", costly, false, "Warehouse: 2.2 TB scanned (about $12.51)"],
    ["snowflake", plan.syncs, true, "Warehouse: snowflake has not said what reading costs"],
    ["duckdb", plan.syncs, true, "Warehouse: duckdb reads its own files, which costs nothing"],
    ["snowflake", plan.syncs, false, null],
  ])("what reading costs in %s", (warehouse, syncs, cost, said) => {
    const options = { paint, sampleRows: 0, label: (sync: { sync: string }) => sync.sync, next: "millrace sync" };
    const lines = planText({ ...plan, syncs }, { ...options, warehouse, cost }).split("\n");
    expect(lines.find((line) => line.startsWith("Warehouse:")) ?? null).toBe(said);
  });

  test("colour repeats what the symbols say and changes no word", () => {
    const options = {
      sampleRows: 5,
      label: (sync: { sync: string }) => sync.sync,
      warehouse: "duckdb",
      next: "millrace sync",
    };
    const coloured = planText(plan, { ...options, paint: painter(true) });
    expect(coloured).not.toBe(planText(plan, { ...options, paint }));
    // oxlint-disable-next-line no-control-regex -- colours are control characters
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(planText(plan, { ...options, paint }));
  });
});

test("a long history ends with its newest events, and says how many there are before", () => {
  const event = (n: number) => ({
    at: `2026-01-01T00:00:00.${n}Z`,
    op: "update",
    outcome: "accepted",
    run_id: `r${n}`,
  });
  const [holding] = explanation.destinations;
  const history = Array.from({ length: 1_500 }, (_, n) => event(n));
  const text = explainText({ ...explanation, destinations: [{ ...holding!, history }] }, { paint, limit: 2 });
  const lines = text.split("\n").slice(-3);
  expect(lines).toEqual([
    "    … 1,498 earlier: --limit, or --json",
    "    2026-01-01T00:00:00.1498Z  update accepted (run r1498)",
    "    2026-01-01T00:00:00.1499Z  update accepted (run r1499)",
  ]);
});

describe("GitHub", () => {
  const many = Array.from({ length: 13 }, (_, index) => ({
    code: "E204",
    severity: "error" as const,
    message: `m${index}`,
    at: { file: `f${index}`, line: 1, column: 1 },
  }));

  test("at most ten annotations of a kind, files of the pull request first", () => {
    const lines = githubAnnotations(many, new Set(["f12"])).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("::error file=f12,line=1,col=1,title=E204::m12");
    expect(lines[10]).toBe("+3 more errors, see the log");
  });

  test("escapes what would end a command or a property", () => {
    const text = githubAnnotations([
      { code: "E1", severity: "warning", message: "50% of\nrows", at: { file: "a:b,c.yml", line: 2, column: 3 } },
    ]);
    expect(text).toBe("::warning file=a%3Ab%2Cc.yml,line=2,col=3,title=E1::50%25 of%0Arows");
  });
});

test("figures of syncs that did not run now are carried over", async () => {
  const before = 'millrace_sync_last_success_timestamp_seconds{sync="other",environment="prod"} 1700000000\n';
  expect(await metricsText(run, null, before)).toContain(before.trim());
});
