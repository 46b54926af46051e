/** What authors and operators do less often, with the real engine: accept rows, keep failures, look at everything. */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockSchema } from "../../src/cli/schemas/state.ts";
import { validateSchema } from "../../src/cli/schemas/project.ts";
import { explainThingSchema } from "../../src/cli/schemas/explain.ts";
import { doctorSchema } from "../../src/cli/schemas/world.ts";
import { codes } from "../../src/project/codes.ts";
import { emptyFolder, millrace } from "./millrace.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await emptyFolder();
  expect(await millrace(["init", "--template", "b2b", "--name", "seller"], { cwd })).toMatchObject({
    exit: 0,
    stderr: "",
  });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const text = (file: string): Promise<string> => readFile(path.join(cwd, file), "utf8");
const edit = async (file: string, from: string, to: string): Promise<void> =>
  writeFile(path.join(cwd, file), (await text(file)).replace(from, to));

test("the b2b template validates and its tests pass", async () => {
  expect(await millrace(["test"], { cwd })).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^✔ 7 passed\n/) });
});

test.each(["bigquery", "snowflake"])(
  "init --warehouse %s: prod stands there, dev stays on DuckDB",
  async (warehouse) => {
    const folder = await emptyFolder();
    for (const template of ["shop", "b2b", "blank"]) {
      const at = path.join(folder, template);
      const made = await millrace(["init", template, "--template", template, "--warehouse", warehouse], {
        cwd: folder,
      });
      expect([made.exit, made.stdout]).toEqual([0, expect.stringContaining("millrace doctor -e prod")]);
      expect(await readFile(path.join(at, "millrace.yml"), "utf8")).toContain(`      type: ${warehouse}\n`);
      for (const environment of ["dev", "ci", "prod"])
        expect(await millrace(["validate", "-e", environment], { cwd: at })).toMatchObject({
          exit: 0,
          stdout: expect.stringContaining(": 0 errors, 0 warnings."),
        });
    }
    await rm(folder, { recursive: true, force: true });
  },
);

describe("test", () => {
  test("--update writes what comes out and passes; the next run needs nothing", async () => {
    await edit("models/models.yml", "seats: 2, logins_30d: 2", "seats: 3, logins_30d: 2");
    expect(await millrace(["test", "--unit"], { cwd })).toMatchObject({ exit: 1 });
    const before = await text("models/models.yml");
    const updated = await millrace(["test", "--unit", "--update"], { cwd });
    expect([updated.exit, updated.stderr]).toEqual([
      0,
      "updated models/models.yml: companies › seats_count_each_contact_once\n",
    ]);
    expect(await text("models/models.yml")).toBe(before.replace("seats: 3", "seats: 2"));
    expect(await millrace(["test", "--update", "--data"], { cwd })).toMatchObject({ exit: 64 });
  });

  test("--store-failures keeps the rows in a private file, masked where they are personal", async () => {
    await edit(
      "models/models.yml",
      "pii: email }",
      "pii: email, data_tests: [ { accepted_values: { values: [x] } } ] }",
    );
    const { exit, stdout } = await millrace(["test", "contacts", "--data", "--store-failures"], { cwd });
    expect([exit, stdout]).toEqual([
      1,
      expect.stringMatching(
        /failing rows: target\/failures\/contacts\.email_accepted_values\.csv \(\d+ rows, masked\)/,
      ),
    ]);
    const file = "target/failures/contacts.email_accepted_values.csv";
    const [head, row] = (await text(file)).split("\n");
    expect([head, row]).toEqual(["value,n", expect.stringMatching(/^[a-z]•••@\w+\.example\.com,1$/)]);
    expect(((await stat(path.join(cwd, file))).mode & 0o777).toString(8)).toBe("600");
    await edit("models/models.yml", ", data_tests: [ { accepted_values: { values: [x] } } ] }", " }");
  });
});

test("validate --stdin-filename looks at what is typed, and tells only of that file", async () => {
  const typed = (await text("models/audiences/trials_ending.yml")).replace("model: contacts", "model: contact");
  const words = ["validate", "--stdin-filename", "models/audiences/trials_ending.yml", "--json"];
  const { stdout, exit } = await millrace(words, { cwd, input: typed });
  const found = validateSchema.parse(JSON.parse(stdout)).diagnostics;
  expect([exit, found.map(({ code, at }) => [code, at?.file, at?.line])]).toEqual([
    1,
    [["E201", "models/audiences/trials_ending.yml", 6]],
  ]);
  expect(await millrace(["validate"], { cwd })).toMatchObject({ exit: 0 });
  expect(await millrace(["validate", "--stdin-filename", "../x.yml"], { cwd })).toMatchObject({ exit: 64 });
});

test("--reveal-pii needs the environment's word, and leaves a line behind", async () => {
  const words = ["show", "contacts", "--limit", "1", "--columns", "email", "--format", "csv"];
  expect(await millrace([...words, "--reveal-pii"], { cwd })).toMatchObject({
    exit: 64,
    stdout: "",
    stderr: expect.stringContaining("error[E342]"),
  });
  await edit("millrace.yml", "  dev: ", "  dev:\n    reveal_pii: true ");
  expect((await millrace([...words, "--reveal-pii"], { cwd })).stdout).toMatch(/^email\n\w+\.1@\w+\.example\.com\n$/);
  expect((await millrace(words, { cwd })).stdout).toMatch(/^email\n\w•••@\w+\.example\.com\n$/);
  expect(JSON.parse(await text(".millrace/audit.ndjson"))).toMatchObject({
    event: "reveal_pii",
    environment: "dev",
    subject: "contacts",
    actor: expect.stringMatching(/^ada@/),
  });
});

describe("a run, and looking at it", () => {
  let saved = "";
  beforeAll(async () => {
    saved = (await millrace(["plan", "--json"], { cwd })).stdout;
    await writeFile(path.join(cwd, "before.json"), saved);
    expect(await millrace(["sync"], { cwd })).toMatchObject({ exit: 0 });
  });

  test("plan leaves its SQL below target/compiled", async () => {
    expect(await text("target/compiled/trials_ending.sql")).toMatch(/^SELECT /);
    expect(JSON.parse(await text("target/manifest.json"))).toMatchObject({ schema: "millrace/manifest/v1" });
  });

  test("plan --against an earlier plan, and --cost", async () => {
    const { stdout } = await millrace(["plan", "--against", "before.json", "--cost"], { cwd });
    const { id, audiences } = JSON.parse(saved) as { id: string; audiences: readonly { enter: number }[] };
    expect(stdout).toContain(`Against plan ${id.slice(0, 6)}`);
    expect(stdout).toMatch(new RegExp(`trials_ending +- +-${audiences[0]!.enter} +-`));
    expect(stdout).toMatch(/companies_to_crm +-60 +- +- +changes -> unchanged/);
    expect(stdout).toContain("Warehouse: duckdb reads its own files, which costs nothing");
    expect(await millrace(["plan", "--against", "millrace.yml"], { cwd })).toMatchObject({ exit: 64 });
  });

  test("doctor looks at each thing by itself", async () => {
    const { stdout, exit } = await millrace(["doctor", "--json"], { cwd });
    const { checks } = doctorSchema.parse(JSON.parse(stdout));
    expect([exit, checks.map(({ name, status }) => `${name} ${status}`)]).toEqual([
      0,
      [
        "node ok",
        "versions ok",
        "project ok",
        "folder ok",
        "lock ok",
        "warehouse ok",
        "ledger ok",
        "clock ok",
        "crm_files ok",
      ],
    ]);
    expect(checks.find(({ name }) => name === "ledger")!.message).toContain("2 syncs known");
  });

  test("the lock is free, and freeing it again is told", async () => {
    const { stdout } = await millrace(["state", "lock", "--json"], { cwd });
    expect(lockSchema.parse(JSON.parse(stdout)).lock).toBeNull();
    expect(await millrace(["state", "unlock", "9d1f"], { cwd })).toMatchObject({ exit: 64 });
  });

  test("explain person ticks the rules and says what is held", async () => {
    const { stdout, exit } = await millrace(["explain", "person", "--id", "1", "--audience", "trials_ending"], { cwd });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/(IN|OUT of) trials_ending/);
    expect(stdout).toContain("trial_days_left = ");
    const nobody = await millrace(["explain", "person", "--email-stdin"], { cwd, input: "nobody@example.com\n" });
    expect([nobody.exit, nobody.stdout]).toEqual([0, expect.not.stringContaining("nobody@example.com")]);
  });

  test("status --watch ends with the signal", async () => {
    const { stdout, exit } = await millrace(["status", "--watch"], { cwd, signal: AbortSignal.abort("SIGINT") });
    expect([exit, stdout.match(/companies -> crm_files/g)?.length]).toEqual([0, 1]);
  });

  test("state retarget and recreate say what they will do, and need a word, a reason and a yes", async () => {
    const retarget = (...words: readonly string[]) =>
      millrace(["state", "retarget", "trials_ending_to_crm", ...words], { cwd });
    expect(await retarget("--reason", "x")).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining("--drain takes"),
    });
    expect(await retarget("--drain")).toMatchObject({ exit: 64, stderr: expect.stringContaining("--reason TEXT") });
    const unasked = await retarget("--drain", "--reason", "moved");
    expect([unasked.exit, unasked.stderr]).toEqual([
      64,
      expect.stringMatching(/rows are taken out of file member \(.*\), those kept.*error\[E021\].*Pass --yes/s),
    ]);
    const records = ["state", "retarget", "companies_to_crm", "--drain", "--reason", "moved", "--yes"];
    expect(await millrace(records, { cwd })).toMatchObject({ exit: 1, stderr: expect.stringContaining("E597") });
    const drained = await retarget("--drain", "--reason", "moved", "--yes");
    expect([drained.exit, drained.stdout]).toEqual([0, expect.stringMatching(/^Run \S+ took \d+ rows out of the old/)]);
    const anew = ["state", "recreate", "companies_to_crm", "--reason", "lost", "--yes", "--json"];
    const { exit, stdout } = await millrace(anew, { cwd });
    expect([exit, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ command: "state recreate", rows: 60 })]);
  });

  test("plan lists the ledger of a sync that was renamed", async () => {
    await edit("models/companies_to_crm.yml", "name: companies_to_crm", "name: firms_to_crm");
    const { stdout } = await millrace(["plan"], { cwd });
    expect(stdout).toMatch(/Ledgers without a sync.*:\n {2}companies_to_crm: 60 rows at file record \(path: \S+\)\n/);
    expect(stdout).toContain("millrace state mv companies_to_crm NEW_NAME -e dev");
    const { exit } = await millrace(["state", "mv", "companies_to_crm", "firms_to_crm", "--yes"], { cwd });
    expect([exit, (await millrace(["plan"], { cwd })).stdout]).toEqual([
      0,
      expect.not.stringContaining("without a sync"),
    ]);
  });
});

test.each(Object.keys(codes))("explain %s", async (code) => {
  const { stdout, exit } = await millrace(["explain", code, "--json"], { cwd });
  const explained = explainThingSchema.parse(JSON.parse(stdout));
  expect([exit, explained.name]).toEqual([0, code]);
  expect(explained.text).toMatch(/^\S.{20,}\.$/s);
});
