import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { explainPersonSchema } from "../../src/cli/schemas/explain.ts";
import { planSchema } from "../../src/cli/schemas/plan.ts";
import { rejectedSchema, runSchema, runsSchema } from "../../src/cli/schemas/run.ts";
import { statusSchema } from "../../src/cli/schemas/status.ts";
import { plan, run } from "./documents.ts";
import { emptyFolder, millrace } from "./millrace.ts";
import { asked } from "./scripted-engine.ts";

vi.mock("../../src/cli/engine.ts", () => import("./scripted-engine.ts"));

let cwd = "";
beforeAll(async () => {
  cwd = await emptyFolder();
  expect(await millrace(["init"], { cwd })).toMatchObject({ exit: 0 });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const text = (file: string): Promise<string> => readFile(path.join(cwd, file), "utf8");

describe("plan", () => {
  test("the answer on stdout, only its warnings on stderr, the next command at the end", async () => {
    const { stdout, stderr, exit } = await millrace(["plan"], { cwd });
    expect([exit, stderr.split("\n")]).toEqual([
      0,
      ['warning[W310]: destination "x" is used by no sync', "  --> destinations/x.yml:1:1", ""],
    ]);
    expect(stdout).toMatch(/^Plan 7f3c2a · prod \(duckdb\)/);
    expect(stdout).toMatch(/Next: millrace sync\n$/);
    expect(asked.plan).toMatchObject({
      save: false,
      sampleRows: 5,
      selected: ["lapsed_buyers_to_files", "newsletter_readers_to_files"],
      audiences: ["lapsed_buyers", "newsletter_readers"],
    });
  });

  test("names and selectors choose; reasons come along", async () => {
    await millrace(["plan", "lapsed_buyers", "--limit", "7"], { cwd });
    expect(asked.plan).toMatchObject({ selected: ["lapsed_buyers_to_files"], sampleRows: 7 });
    expect([...asked.plan!.whySelected!]).toEqual([
      ["lapsed_buyers_to_files", ["via audience:lapsed_buyers"]],
      ["lapsed_buyers", ["lapsed_buyers"]],
    ]);
    await millrace(["plan", "-s", "tag:newsletter+", "--exclude", "type:audience"], { cwd });
    expect(asked.plan!.selected).toEqual(["newsletter_readers_to_files"]);
    await millrace(["plan", "crm_files"], { cwd });
    expect(asked.plan!.selected).toHaveLength(2);
  });

  test("--json, --detailed-exitcode and -o; what -o wrote names the plan for sync", async () => {
    const { stdout, exit } = await millrace(["plan", "--json", "--detailed-exitcode", "-o", "saved.json"], { cwd });
    expect({ exit, document: planSchema.parse(JSON.parse(stdout)) }).toEqual({ exit: 2, document: plan });
    expect([asked.plan!.save, JSON.parse(await text("saved.json"))]).toEqual([true, plan]);
    await millrace(["sync", "--plan", "saved.json"], { cwd });
    expect(asked.sync!.planId).toBe(plan.id);
  });

  test("-o outside the project is refused", async () => {
    expect(await millrace(["plan", "-o", "/millrace-plan.json"], { cwd })).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining("error[E005]"),
    });
  });

  test("on GitHub: outputs, a summary, annotations", async () => {
    const env = {
      GITHUB_ACTIONS: "true",
      CI: "true",
      GITHUB_OUTPUT: path.join(cwd, "output"),
      GITHUB_STEP_SUMMARY: path.join(cwd, "summary"),
    };
    const { stderr } = await millrace(["plan"], { cwd, env });
    expect(await text("output")).toBe(`changes=true\nplan_id=${plan.id}\nadds=6020\nupdates=0\nremoves=313\n`);
    expect(await text("summary")).toMatch(/^### millrace plan 7f3c2a — prod\n/);
    expect(stderr).toContain("::warning file=destinations/x.yml,line=1,col=1,title=W310::");
  });
});

describe("sync", () => {
  test("lines on stderr, the report on stdout, artifacts below target/", async () => {
    const { stdout, stderr, exit } = await millrace(["sync", "--metrics-file", "m.prom"], { cwd });
    expect(exit).toBe(4);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => line.slice(21)),
    ).toEqual([
      `INFO  run.start    run=${run.run_id} environment=prod`,
      `INFO  run.done     run=${run.run_id} status=partial`,
    ]);
    expect(stdout).toContain(`millrace runs rejected ${run.run_id}`);
    const folder = `target/runs/${run.run_id}`;
    expect(await readdir(path.join(cwd, folder))).toEqual(["log.ndjson", "rejected.ndjson", "run.json", "summary.md"]);
    expect(runSchema.parse(JSON.parse(await text(`${folder}/run.json`)))).toEqual(run);
    expect(((await stat(path.join(cwd, folder, "rejected.ndjson"))).mode & 0o777).toString(8)).toBe("600");
    expect(await text("m.prom")).toContain('millrace_audience_size{audience="high_value",environment="prod"} 23911');
    expect(JSON.parse(await text("target/run_results.json"))).toMatchObject({
      schema: "millrace/run_results/v1",
      command: "millrace sync",
      results: [{ unique_id: "sync:churn_to_braze", status: "failed", code: "E801" }, {}, {}],
    });
  });

  test("--json is one document, --log-format json one a line", async () => {
    const { stdout, stderr } = await millrace(["sync", "--json", "--log-format", "json"], { cwd });
    expect(runSchema.parse(JSON.parse(stdout))).toEqual(run);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual(["run.start", "run.done"]);
  });

  test("flags reach the engine", async () => {
    await millrace(
      [
        "sync",
        "--due",
        "-y",
        "-x",
        "--wait",
        "10m",
        "--max-remove",
        "10%",
        "--override-guard",
        "G2=lapsed_buyers_to_files",
        "--override-guard",
        "G4",
        "--reason",
        "spring",
      ],
      { cwd },
    );
    expect(asked.sync).toMatchObject({
      due: true,
      yes: true,
      failFast: true,
      waitMs: 600_000,
      maxRemove: { share: 0.1 },
      interactive: false,
      skipTests: false,
      overrides: [
        { guard: "G2", sync: "lapsed_buyers_to_files", reason: "spring" },
        { guard: "G4", reason: "spring" },
      ],
    });
  });

  test("variables of the environment stand for flags", async () => {
    const { stderr } = await millrace(["sync"], {
      cwd,
      env: { MILLRACE_LOG_FORMAT: "json", MILLRACE_ENV: "ci", MILLRACE_THREADS: "3" },
    });
    expect(JSON.parse(stderr.split("\n")[0]!)).toMatchObject({ event: "run.start" });
    expect([asked.sync!.project.environment.name, asked.sync!.project.environment.threads]).toEqual(["ci", 3]);
  });

  test("--dry-run plans, --plan goes with nothing else, retry takes runs and syncs", async () => {
    delete asked.sync;
    expect((await millrace(["sync", "--dry-run"], { cwd })).stdout).toMatch(/^Plan 7f3c2a/);
    expect(await millrace(["sync", "--plan", "x", "--due"], { cwd })).toMatchObject({ exit: 64 });
    expect(await millrace(["sync", "--plan", "missing.json"], { cwd })).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('no file "missing.json"'),
    });
    expect(asked.sync).toBeUndefined();
    await millrace(["retry", "lapsed_buyers_to_files"], { cwd });
    expect(asked.sync).toMatchObject({ retry: ["lapsed_buyers_to_files"], selected: ["lapsed_buyers_to_files"] });
    delete asked.sync;
    expect(await millrace(["retry", "zzzz"], { cwd })).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining("error[E590]"),
    });
    // What that run could not send belongs to syncs that are not in this project any more.
    expect(await millrace(["retry", "9d1f"], { cwd })).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("Nothing to retry"),
    });
    expect(asked.sync).toBeUndefined();
  });

  test("secrets of destinations are masked wherever they would be printed", async () => {
    const file = path.join(cwd, "destinations/hook.yml");
    await writeFile(
      file,
      'destination: hook\ntype: webhook\ncredentials: { secret: "${env:HOOK_SECRET}" }\nconfig: { url: "https://hook.example/in" }\n',
    );
    const { stdout } = await millrace(["sync", "-e", "ci", "--json"], {
      cwd,
      env: { HOOK_SECRET: "high_value_to_klaviyo" },
    });
    expect(stdout).not.toContain("high_value_to_klaviyo");
    expect(await text(`target/runs/${run.run_id}/run.json`)).not.toContain("high_value_to_klaviyo");
    await rm(file);
  });
});

describe("looking back", () => {
  test.each([
    ["status", statusSchema, ["status", "--json"]],
    ["runs", runsSchema, ["runs", "--json"]],
    ["runs show", runSchema, ["runs", "show", "9d1f", "--json"]],
    ["runs rejected", rejectedSchema, ["runs", "rejected", "9d1f", "--json"]],
    ["explain person", explainPersonSchema, ["explain", "person", "--id", "1", "--json"]],
  ] as const)("--json of %s is what its schema says", async (_, schema, words) => {
    const { stdout, exit } = await millrace(words, { cwd });
    expect(exit).toBe(0);
    const document: unknown = JSON.parse(stdout);
    expect(schema.strict().parse(document)).toEqual(document);
  });

  test("status --fail-on", async () => {
    const [fine, failed] = [
      await millrace(["status"], { cwd }),
      await millrace(["status", "--fail-on", "late"], { cwd }),
    ];
    expect([fine.exit, failed.exit]).toEqual([0, 1]);
  });

  test("a run that is not there", async () => {
    expect(await millrace(["runs", "show", "ffff"], { cwd })).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining("error[E590]"),
    });
  });

  test("resolve asks for a yes, and there is no terminal", async () => {
    const words = ["resolve", "lapsed_buyers_to_files", "--delivered"];
    expect(await millrace(words, { cwd })).toMatchObject({ exit: 64, stderr: expect.stringContaining("error[E021]") });
    expect(await millrace([...words, "--yes"], { cwd })).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("3 held rows"),
    });
  });
});
