import { describe, expect, it } from "vitest";
import { exitOf, loadProjectOrThrow } from "../../src/project/load.ts";
import { load, loadGood, now, projectFolder, told } from "./sample.ts";

const config = (more: string) => ({
  "millrace.yml": `version: 1\nname: shop\nvars: { history_start: x }\nenvironments: { dev: { warehouse: { type: duckdb, seeds: seeds }, destinations: { '*': { use: file } } } }\n${more}`,
});
const model = (more: string) => ({
  "models/more.sql": "select 1 as x",
  "models/more.yml": `models:\n  - name: more\n    ${more}\n`,
});
const audience = (more: string) => ({
  "models/more.yml": `audiences:\n  - name: more\n    model: customers\n    ${more}\n`,
});
const sync = (more: string) => ({
  "models/more.yml": `syncs:\n  - name: more\n    model: customers\n    destination: crm\n    object: member\n    mode: mirror\n    ${more}\n`,
});

describe("not in this version (E190)", () => {
  it.each([
    ["privacy.yml", { "privacy.yml": "purposes: {}" }, "privacy.yml is not in this version of millrace"],
    [
      "purpose",
      audience("where: { field: country, is: FR }\n    purpose: ads"),
      'purpose: is not in this version of millrace, in audience "more"',
    ],
    [
      "holdout",
      audience("where: { field: country, is: FR }\n    holdout: { share: 10% }"),
      'holdout: is not in this version of millrace, in audience "more"',
    ],
    [
      "goal",
      audience("where: { field: country, is: FR }\n    goal: {}"),
      'goal: is not in this version of millrace, in audience "more"',
    ],
    [
      "priority",
      audience("where: { field: country, is: FR }\n    priority: {}"),
      'priority: is not in this version of millrace, in audience "more"',
    ],
    ["for_each", sync("for_each: { country: [FR] }"), 'for_each: is not in this version of millrace, in sync "more"'],
    ["identities", { "models/more.yml": "identities: []" }, "identities: is not in this version of millrace"],
    ["metrics", config("metrics: []"), "metrics: is not in this version of millrace, in millrace.yml"],
    [
      "events after events",
      audience("where: { event: customers, on: customer_id, without: {} }"),
      'without: (events after events) is not in this version of millrace, in where of audience "more"',
    ],
  ])("%s", async (_name, files, message) => {
    const { diagnostics } = await load(files);
    expect(diagnostics.map(({ code, message: said }) => ({ code, said }))).toEqual([{ code: "E190", said: message }]);
  });
});

describe("shapes", () => {
  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      "m is two things",
      audience("where: { field: at, within_last: 5m }"),
      [
        'E111 models/more.yml:4:38 "5m" could mean two things: write 5min for minutes or 5mo for months, in where of audience "more"',
      ],
    ],
    [
      "two operators",
      audience("where: { field: at, gt: 1, lt: 3 }"),
      ['E105 models/more.yml:4:12 a rule on a field has 2 operators (gt, lt): one a line, in audience "more"'],
    ],
    [
      "a list for a rule",
      audience("where: [ { field: a, is: 1 } ]"),
      ['E104 models/more.yml:4:12 expected one rule, found a list: put it under all: or any:, in audience "more"'],
    ],
    [
      "a deep slip",
      audience("where: { all: [ { any: [ { field: country, iss: FR } ] } ] }"),
      ['E102 models/more.yml:4:48 unknown key "iss" in where.all.any of audience "more"'],
    ],
    [
      "neither where nor sql",
      audience("tags: [a]"),
      ['E103 models/more.yml:2:5 where or sql is missing, in audience "more"'],
    ],
    [
      "a file that is not there",
      audience("sql: gone.sql"),
      ['E218 models/more.yml:4:10 the file "models/gone.sql" does not exist'],
    ],
    [
      "a share",
      sync("rejected_rows: { warn: lots }"),
      ['E105 models/more.yml:7:28 expected a share like 5%, found "lots", in rejected_rows of sync "more"'],
    ],
    [
      "a horizon of what is no event",
      sync("append: { time: at, horizon: 30d }"),
      ['E105 models/more.yml:7:13 append: stands only with mode: append, not with mirror, in sync "more"'],
    ],
    [
      "a horizon by the calendar",
      sync("append: { time: at, horizon: 1mo }"),
      ['E111 models/more.yml:7:34 "1mo" has no fixed length: use s, min, h, d or w, in append of sync "more"'],
    ],
    [
      "two sources of a value",
      sync("mappings: [ { to: a, from: b, value: 1 } ]"),
      [
        'E104 models/more.yml:7:17 a mapping takes one of from, value, template, lookup; found from and value, in mappings of sync "more"',
      ],
    ],
    [
      "an unknown test",
      model("data_tests: [ uniqe ]"),
      ['E104 models/more.yml:3:19 unknown test "uniqe": did you mean "unique"?, in data_tests of model "more"'],
    ],
    ["tabs", { "models/more.yml": "models:\n\t- name: x" }, ["E101 models/more.yml:2:1 a tab is used for indentation"]],
    [
      "a conflict",
      { "models/more.yml": "models:\n<<<<<<< ours\n  - name: x\n=======\n>>>>>>> theirs\n" },
      ["E107 models/more.yml:2:1 this file has unresolved merge conflicts (<<<<<<<, =======, >>>>>>>)"],
    ],
    [
      "a conflict in SQL",
      { "models/more.sql": "select 1\n<<<<<<< ours\n" },
      ["E107 models/more.sql:2:1 this file has unresolved merge conflicts (<<<<<<<, =======, >>>>>>>)"],
    ],
    [
      "a huge file",
      { "models/more.yml": `# ${"x".repeat(1_100_000)}` },
      ["E108 models/more.yml:1:1 this file is larger than 1 MB"],
    ],
    [
      "no list",
      { "models/more.yml": "models: { name: x }" },
      ['E104 models/more.yml:1:9 expected models to be a list: begin each entry with "- "'],
    ],
    [
      "an unknown list",
      { "models/more.yml": "audience: []" },
      ['E102 models/more.yml:1:1 unknown list "audience" in this file'],
    ],
    [
      "YAML without SQL",
      { "models/more.yml": "models:\n  - name: custmers\n" },
      ['E225 models/more.yml:2:11 model "custmers" has no SQL: there is no custmers.sql below models/'],
    ],
    ["as_of in the file", config("vars2: 1"), ['E102 millrace.yml:5:1 unknown key "vars2" in millrace.yml']],
  ])("%s", async (_name, files, expected) => {
    expect(told((await load(files)).diagnostics)).toEqual(expected);
  });

  it("a broken audience makes no second error in its syncs", async () => {
    const { diagnostics } = await load({
      "models/french.yml":
        "audiences:\n  - { name: french, model: customers, where: { field: country, iss: FR } }\nsyncs:\n  - { name: a, audience: french, destination: crm, object: member, mode: mirror }\n",
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["E102"]);
  });

  it("a broken millrace.yml hides no other file", async () => {
    const { diagnostics } = await load({ ...config("zzz: 1"), "models/more.sql": "select * from {{ ref('gone') }}" });
    expect(diagnostics.map(({ code }) => code)).toEqual(["E102", "E201"]);
  });
});

describe("values", () => {
  it("CRLF, a byte order mark and huge integers", async () => {
    const project = await loadGood(
      audience("where: { field: customer_id, in: [9007199254740993, 1] }".replaceAll("\n", "\r\n")),
    );
    expect(project.audiences.get("more")?.spec.where).toEqual({ field: "customer_id", in: [9007199254740993n, 1] });
    const marked = await loadGood({
      "models/more.yml":
        "\uFEFFsegments:\r\n  - name: belgian\r\n    model: customers\r\n    where: { field: country, is: no }\r\n",
    });
    expect(marked.segments.get("belgian")?.spec.where).toEqual({ field: "country", is: "no" });
  });

  it("tests in every spelling", async () => {
    const project = await loadGood(
      model(
        "data_tests: [ { expression: 'x > 0' }, { row_count: { min: 1, config: { severity: warn } } } ]\n    columns: [ { name: x, data_tests: [ unique, { accepted_values: { values: [1], where: 'x > 0', limit: 2 } } ] } ]",
      ),
    );
    const { data_tests: tests, columns } = project.models.get("more")?.spec ?? {};
    expect(tests).toEqual([
      { type: "expression", arguments: { expression: "x > 0" }, severity: "error", limit: 0 },
      { type: "row_count", arguments: { min: 1 }, severity: "warn", limit: 0 },
    ]);
    expect(columns?.[0]?.data_tests).toEqual([
      { type: "unique", arguments: {}, severity: "error", limit: 0 },
      { type: "accepted_values", arguments: { values: [1] }, severity: "error", where: "x > 0", limit: 2 },
    ]);
  });

  it("unit tests as rows or CSV", async () => {
    const project = await loadGood({
      "tests/more.yml":
        "unit_tests:\n  - name: a\n    model: customers\n    given:\n      - input: source('shop', 'customers')\n        format: csv\n        rows: |\n          customer_id,phone,amount,email\n          1,0612,8.5,\n    expect: { rows: [ { customer_id: 1 } ] }\n",
    });
    expect(project.unitTests[0]?.spec).toEqual({
      name: "a",
      model: "customers",
      vars: {},
      given: [
        { input: "source('shop', 'customers')", rows: [{ customer_id: 1, phone: "0612", amount: 8.5, email: null }] },
      ],
      expect: { rows: [{ customer_id: 1 }] },
    });
  });

  it.each([
    ["2026-03-29", "Europe/Paris", "2026-03-28T23:00:00.000Z"],
    ["2026-03-30", "Europe/Paris", "2026-03-29T22:00:00.000Z"],
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
    ["2026-01-31T06:00:00", "Europe/Paris", "2026-01-31T06:00:00.000Z"],
    ["2026-01-31 06:00:00+02:00", "UTC", "2026-01-31T04:00:00.000Z"],
  ])("as_of %s in %s", async (asOf, timezone, expected) => {
    expect((await loadGood(config(`timezone: ${timezone}`), { vars: { as_of: asOf } })).vars["as_of"]).toBe(expected);
  });
});

describe("exit codes", () => {
  it.each([
    ["no project", async () => loadProjectOrThrow({ projectDir: "/", now }), 64, "E010"],
    [
      "an environment that is not there",
      async () => loadProjectOrThrow({ projectDir: await projectFolder(), now, environment: "prd" }),
      64,
      "E011",
    ],
    [
      "a time that is none",
      async () => loadProjectOrThrow({ projectDir: await projectFolder(), now, vars: { as_of: "soon" } }),
      64,
      "E012",
    ],
    [
      "a bad file",
      async () => loadProjectOrThrow({ projectDir: await projectFolder(audience("zz: 1")), now }),
      1,
      "E102",
    ],
  ])("%s", async (_name, run, exit, code) => {
    await expect(run()).rejects.toMatchObject({
      exit,
      diagnostics: expect.arrayContaining([expect.objectContaining({ code })]),
    });
  });

  it("warnings are no failure", () => {
    expect(exitOf([{ code: "W310", severity: "warning", message: "" }])).toBe(0);
  });
});
