import { appendFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compileSchema,
  lsSchema,
  overlapSchema,
  showSchema,
  testSchema,
  validateSchema,
} from "../../src/cli/schemas/project.ts";
import { destinationsSchema, doneSchema, errorSchema } from "../../src/cli/schemas/world.ts";
import { emptyFolder, millrace, spawnMillrace } from "./millrace.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await emptyFolder();
  const made = await millrace(["init", "--name", "Shop 2"], { cwd });
  expect(made).toMatchObject({ exit: 0, stderr: "" });
  expect(
    made.stdout
      .split("\n")
      .slice(-5)
      .map((line) => line.trim().split("  ")[0]),
  ).toEqual(["Next:", "millrace plan", "millrace sync", "millrace status", ""]);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe("init", () => {
  test("writes a project that validates, tests and lists without a word on stderr", async () => {
    const [validated, tested, listed] = await Promise.all([
      millrace(["validate"], { cwd }),
      millrace(["test"], { cwd }),
      millrace(["ls"], { cwd }),
    ]);
    expect(validated).toMatchObject({
      exit: 0,
      stderr: "",
      stdout: expect.stringMatching(/^Checked 7 files in .*: 0 errors, 0 warnings\.\n$/),
    });
    expect(tested).toMatchObject({
      exit: 0,
      stderr: "",
      stdout: expect.stringMatching(/^✔ 5 passed\n\n5 tests in .* on duckdb\.\n$/),
    });
    expect(listed.stdout.trim().split("\n")).toEqual([
      "audience:lapsed_buyers",
      "audience:newsletter_readers",
      "destination:crm_files",
      "model:customers",
      "source:shop.customers",
      "source:shop.orders",
      "sync:lapsed_buyers_to_files",
      "sync:newsletter_readers_to_files",
    ]);
    expect(await readdir(path.join(cwd, "target"))).toEqual(
      expect.arrayContaining(["manifest.json", "run_results.json"]),
    );
  });

  test("overwrites nothing", async () => {
    const again = await millrace(["init"], { cwd });
    expect(again).toMatchObject({ exit: 64, stdout: "" });
    expect(again.stderr).toContain("error[E003]: millrace.yml is there already");
  });

  test("a blank project validates too", async () => {
    expect(await millrace(["init", "blank", "--template", "blank"], { cwd })).toMatchObject({ exit: 0 });
    expect(await millrace(["validate", "-C", "blank"], { cwd })).toMatchObject({ exit: 0 });
    await rm(path.join(cwd, "blank"), { recursive: true });
  });
});

describe("--json of authoring commands is what its schema says", () => {
  test.each([
    ["validate", validateSchema, []],
    ["ls", lsSchema, ["--why"]],
    ["show", showSchema, ["lapsed_buyers", "--limit", "2"]],
    ["compile", compileSchema, []],
    ["test", testSchema, ["--unit"]],
    ["overlap", overlapSchema, []],
    ["destinations", destinationsSchema, []],
    ["schema", doneSchema, ["--write"]],
    ["show", errorSchema, ["nobody"]],
  ] as const)("%s", async (name, schema, words) => {
    const { stdout, stderr } = await millrace([name, ...words, "--json"], { cwd });
    const document: unknown = JSON.parse(stdout);
    expect(schema.strict().parse(document)).toEqual(document);
    expect(stderr).toBe("");
  });
});

describe("show", () => {
  test("personal values are masked; --count, --columns and --format csv", async () => {
    const [rows, count, csv] = await Promise.all([
      millrace(["show", "customers", "--limit", "3"], { cwd }),
      millrace(["show", "customers", "--count"], { cwd }),
      millrace(["show", "customers", "--columns", "customer_id,country", "--format", "csv", "--limit", "1"], { cwd }),
    ]);
    expect(rows.stdout).toContain("•••@example.com");
    expect(rows.stdout).not.toMatch(/\w{2,}@example\.com/);
    expect(count.stdout).toBe("200\n");
    expect(csv.stdout).toMatch(/^customer_id,country\n1,(FR|BE|DE)\n$/);
  });
});

describe("mistakes", () => {
  test.each([
    [["snyc"], "error[E001]: unknown command 'snyc'\n  did you mean sync?\n"],
    [["plan", "--selct", "x"], "error[E001]: unknown option '--selct'\n  did you mean --select?\n"],
    [["state"], "error[E001]: a command is missing here"],
    [["ls", "-s", "tag:winbak"], 'error[E020]: no resource matches "tag:winbak"\n  did you mean "tag:winback"'],
    [["ls", "-e", "prod"], 'error[E011]: no environment is called "prod"'],
    [["sync", "--override-guard", "G2"], "error[E002]: --override-guard needs --reason"],
    [["show", "customers", "--limit", "many"], "error[E001]: --limit takes a whole number from 0 upwards"],
    [["explain", "person"], "error[E001]: say who: one of --id, --email-stdin, --email-file"],
    [["resolve", "lapsed_buyers_to_files"], "error[E001]: say what became of them"],
  ])("%j ends with 64 and a next step, nothing on stdout", async (words, wanted) => {
    const { stdout, stderr, exit } = await millrace(words, { cwd });
    expect({ exit, stdout }).toEqual({ exit: 64, stdout: "" });
    expect(stderr).toContain(wanted);
  });

  test("under --json an error is a document on stdout", async () => {
    const { stdout, exit } = await millrace(["ls", "--selct", "--json"], { cwd });
    expect({ exit, document: errorSchema.parse(JSON.parse(stdout)) }).toEqual({
      exit: 64,
      document: {
        schema: "millrace/error/v1",
        exit: 64,
        diagnostics: [
          { code: "E001", severity: "error", message: "unknown option '--selct'", hint: "did you mean --select?" },
        ],
      },
    });
  });

  test("a broken file is told with its place, and --fix mends what has one answer", async () => {
    const file = path.join(cwd, "models/broken.yml");
    await writeFile(
      file,
      "segments:\n  - name: french # kept\n    modle: customers\n    where: { field: country, is: FR }\n",
    );
    const broken = await millrace(["validate"], { cwd });
    expect(broken.exit).toBe(1);
    expect(broken.stderr).toContain("error[E102]");
    expect(broken.stderr).toContain("--> models/broken.yml:3:5");
    const annotated = await millrace(["validate"], { cwd, env: { GITHUB_ACTIONS: "true" } });
    expect(annotated.stdout).toContain("::error file=models/broken.yml,line=3,col=5,title=E102::");
    const fixed = await millrace(["validate", "--fix"], { cwd });
    expect(fixed).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("fixed models/broken.yml:3: modle -> model"),
    });
    expect(await readFile(file, "utf8")).toContain("  - name: french # kept\n    model: customers\n");
    await rm(file);
  });
});

describe("tests that fail", () => {
  test("exit 1, the rows that differ, JUnit and the SQL that ran", async () => {
    const file = path.join(cwd, "models/failing.yml");
    await writeFile(
      file,
      "unit_tests:\n  - name: wrong_on_purpose\n    model: customers\n    given:\n      - { input: \"source('shop', 'customers')\", rows: [ { customer_id: 1, country: FR } ] }\n    expect: { rows: [ { customer_id: 1, country: BE } ] }\n",
    );
    const { stdout, exit } = await millrace(["test", "customers", "--unit", "--reporter", "junit:target/junit.xml"], {
      cwd,
    });
    expect(exit).toBe(1);
    expect(stdout).toContain("✔ 1 passed   ✘ 1 failed");
    expect(stdout).toContain("models/failing.yml:2");
    expect(await readFile(path.join(cwd, "target/junit.xml"), "utf8")).toContain('tests="2" failures="1"');
    expect(await readdir(path.join(cwd, "target/compiled/unit"))).toContain("customers_wrong_on_purpose.sql");
    await rm(file);
  });
});

describe("colour", () => {
  test("no colour off a terminal, colour when asked", async () => {
    const [plain, coloured] = await Promise.all([
      millrace(["destinations", "--types"], { cwd }),
      millrace(["destinations", "--types", "--color", "always"], { cwd }),
    ]);
    expect(plain.stdout).not.toContain("\u001b");
    expect(coloured.stdout).toContain("\u001b[1m");
  });
});

test("pause and resume edit the YAML and nothing else", async () => {
  const file = path.join(cwd, "models/audiences/lapsed_buyers.yml");
  await appendFile(file, "    # a last word\n");
  const before = await readFile(file, "utf8");
  expect(await millrace(["pause", "lapsed_buyers_to_files", "--until", "2099-12-01"], { cwd })).toMatchObject({
    exit: 0,
  });
  const paused = "  - name: lapsed_buyers_to_files\n    paused_until: 2099-12-01\n    status: paused\n";
  expect(await readFile(file, "utf8")).toBe(before.replace("  - name: lapsed_buyers_to_files\n", paused));
  expect(await millrace(["resume", "lapsed_buyers_to_files"], { cwd })).toMatchObject({ exit: 0 });
  expect(await readFile(file, "utf8")).toBe(
    before.replace("  - name: lapsed_buyers_to_files\n", "  - name: lapsed_buyers_to_files\n    status: active\n"),
  );
});

test("completion knows commands, flags and names of the project", async () => {
  const [verbs, names, flags] = await Promise.all([
    millrace(["__complete", "--", "st"], { cwd }),
    millrace(["__complete", "--", "sync", "new"], { cwd }),
    millrace(["__complete", "--", "plan", "--det"], { cwd }),
  ]);
  expect([verbs.stdout, names.stdout, flags.stdout]).toEqual([
    "state\nstatus\n",
    "newsletter_readers\nnewsletter_readers_to_files\n",
    "--detailed-exitcode\n",
  ]);
});

test("a crash leaves its stack in a private file, not on the terminal", async () => {
  const { stdout, stderr, exit } = await millrace(["explain", "person", "--email-stdin"], { cwd, input: "planted" });
  expect({ stdout, exit }).toEqual({ stdout: "", exit: 70 });
  expect(stderr).toMatch(/^error\[E070\]: this is a bug in millrace; the details are in target\/crash-\S+\.log\n/);
  expect(stderr).not.toContain("planted");
  const file = path.join(cwd, /target\/crash-\S+\.log/.exec(stderr)![0]);
  expect(await readFile(file, "utf8")).toContain("TypeError: planted\n    at ");
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe("600");
});

describe("the process", () => {
  test("a reader that goes away is no crash", async () => {
    const { stderr, exit } = await spawnMillrace(["plan", "--help"], { cwd, closeEarly: true });
    expect({ stderr, exit }).toEqual({ stderr: "", exit: 0 });
  });

  test("exit codes and streams reach the shell", async () => {
    const [version, wrong] = await Promise.all([
      spawnMillrace(["--version"], { cwd }),
      spawnMillrace(["ls", "-s", "nothing"], { cwd }),
    ]);
    expect(version).toMatchObject({ exit: 0, stderr: "", stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(wrong).toMatchObject({ exit: 64, stdout: "", stderr: expect.stringContaining("error[E020]") });
  });
});
