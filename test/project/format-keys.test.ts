/** Every key of the file formats is either read, or says that it is not in this version: none is ignored, none unknown (decision 17). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { load, type Files } from "./sample.ts";

/** What the keys below speak of. */
const world: Files = {
  "models/orders.sql":
    "select 1 as order_id, 1 as customer_id, 'web' as channel, 9.5 as amount, timestamp '2026-01-02' as at",
  "models/world.yml": [
    "models:",
    "  - { name: orders, primary_key: order_id }",
    "audiences:",
    "  - { name: everybody, model: customers, where: { field: country, is_not_null: true } }",
    "segments:",
    "  - { name: belgians, model: customers, where: { field: country, is: BE } }",
  ].join("\n"),
};

const environment = (more: string): Files => ({
  "millrace.yml": `version: 1\nname: shop\nvars: { history_start: x }\nenvironments:\n  dev:\n    destinations: { '*': { use: file } }\n    ${more}\n`,
});
const inDev = (more: string): Files => environment(`warehouse: { type: duckdb, seeds: seeds }\n    ${more}`);
const settings = (more: string): Files => {
  const files = inDev("threads: 2");
  return { "millrace.yml": `${files["millrace.yml"]}${more}\n` };
};
const model = (more: string): Files => ({
  "models/more.sql": "select 1 as id, 'a@example.com' as email, 'FR' as country",
  "models/more.yml": `models:\n  - name: more\n    ${more}\n`,
});
const source = (more: string): Files => ({ "models/more.yml": `sources:\n  - name: more\n    ${more}\n` });
const audience = (more: string, where = "where: { field: country, is: FR }"): Files => ({
  "models/more.yml": `audiences:\n  - name: more\n    model: customers\n    ${where}\n    ${more}\n`,
});
const rule = (where: string): Files => audience("status: active", `where: ${where}`);
const segment = (more: string): Files => ({
  "models/more.yml": `segments:\n  - name: more\n    model: customers\n    where: { field: country, is: FR }\n    ${more}\n`,
});
const sync = (more: string, object = "member", mode = "mirror"): Files => ({
  "models/more.yml": `syncs:\n  - name: more\n    model: customers\n    destination: crm\n    object: ${object}\n    mode: ${mode}\n    ${more}\n`,
});
const destination = (more: string): Files => ({
  "destinations/more.yml": `destination: more\ntype: webhook\nconfig: { url: "https://more.example.com/in" }\n${more}\n`,
});
const unitTest = (more: string): Files => ({
  "models/more.yml": `unit_tests:\n  - name: more\n    model: orders\n    expect: { rows: [ { order_id: 1 } ] }\n    ${more}\n`,
});
const dataTest = (test: string): Files => model(`columns: [ { name: email, data_tests: [ ${test} ] } ]`);

const emptyManifest = '{ "metadata": { "generated_at": "2026-01-31T05:00:00Z" }, "nodes": {}, "sources": {} }';

const built: readonly (readonly [key: string, files: Files])[] = [
  // millrace.yml
  ["version, name, vars", settings("")],
  ["default_environment", settings("default_environment: dev")],
  ["timezone", settings("timezone: Europe/Paris")],
  ["env_vars", settings("env_vars: [SHOP_REGION]")],
  [
    "dbt: manifest, max_age, require_success",
    {
      ...settings("dbt: { manifest: target/manifest.json, max_age: 24h, require_success: true }"),
      "target/manifest.json": emptyManifest,
    },
  ],
  [
    "dbt: manifests",
    { ...settings("dbt: { manifests: { dev: target/manifest.json } }"), "target/manifest.json": emptyManifest },
  ],
  ["allow_paths", settings("allow_paths: [data]")],
  ["guards of the project", settings("guards: { empty: stop, shrink: 20%, growth: 100%, first_run: confirm }")],
  ["guards.remove", settings("guards: { remove: { share: 15%, min: 20 } }")],
  ["guards.remove as a number", settings("guards: { remove: 50 }")],
  ["guards.adds", settings("guards: { adds: 50% }")],
  ["guards.min_rows, max_rows", settings("guards: { min_rows: 1, max_rows: 9 }")],
  ["guards.freshness, tests", settings("guards: { freshness: allow, tests: allow }")],
  ["guards.null_share", settings("guards: { null_share: { email: 5% } }")],
  // environments
  ["environment: prod", inDev("prod: true")],
  ["environment: allow_real_destinations", inDev("allow_real_destinations: true")],
  ["environment: reveal_pii", inDev("reveal_pii: true")],
  [
    "environment: BigQuery",
    environment(
      "warehouse: { type: bigquery, connection: { project: x, location: EU }, dataset: d, max_bytes_billed: 50GB }",
    ),
  ],
  [
    "environment: Snowflake",
    environment(
      "warehouse: { type: snowflake, connection: { account: a, user: u, token: '${env:T}' }, database: D, warehouse: W, role: R }",
    ),
  ],
  ["environment: journal", inDev("journal: disk")],
  [
    "environment: journal in the warehouse",
    environment("journal: warehouse\n    warehouse: { type: bigquery, connection: { project: x } }"),
  ],
  ["environment: guards, threads", inDev("guards: { shrink: off }\n    threads: 4")],
  ["warehouse: path in memory", environment('warehouse: { type: duckdb, path: ":memory:", seeds: seeds }')],
  ["warehouse: schemas", environment("warehouse: { type: duckdb, seeds: s, ledger_schema: a, model_schema: b }")],
  [
    "warehouse: memory_limit, threads",
    environment("warehouse: { type: duckdb, seeds: s, memory_limit: 2GB, threads: 2 }"),
  ],
  [
    "destinations: a part laid over",
    {
      "millrace.yml":
        "version: 1\nname: shop\nvars: { history_start: x }\nenvironments:\n  dev:\n    prod: true\n    warehouse: { type: duckdb, seeds: s }\n    destinations: { crm: { config: { rows: 10 }, credentials: { secret: '${env:X}' }, rate_limit: { requests: 1, per: 1s } } }\n",
    },
  ],
  // models/**
  [
    "source: schema, database, description",
    source("database: d\n    schema: raw\n    description: x\n    tables: [ { name: t, description: y } ]"),
  ],
  ["source: freshness", source("freshness: { field: at, warn: 6h, fail: 24h }\n    tables: [ { name: t } ]")],
  ["source table: file, freshness", source("tables: [ { name: t, file: d.parquet, freshness: { field: at } } ]")],
  [
    "seeds",
    {
      "models/more.yml": "seeds: [ { name: shop.customers, column_types: { phone: varchar } } ]",
      "seeds/shop/customers.csv": "customer_id,phone\n1,06\n",
    },
  ],
  [
    "model: description, config, tags, meta",
    model("description: x\n    config: { tags: [a], meta: { b: c } }\n    tags: [d]\n    meta: { e: f }"),
  ],
  ["model: materialize", model("materialize: table")],
  ["model: config.materialized", model("config: { materialized: view }")],
  ["model: primary_key", model("primary_key: [id, email]")],
  ["model: identifiers", model("identifiers: { email: email }")],
  ["model: on_duplicate_key", model("primary_key: id\n    on_duplicate_key: { keep: first, order_by: id desc }")],
  ["model: null_keys", model("null_keys: 1%")],
  ["model: data_tests", model("data_tests: [ { row_count: { min: 1 } } ]")],
  [
    "column: description, label, pii, filterable",
    model("columns: [ { name: email, description: x, label: y, pii: email, filterable: true } ]"),
  ],
  ["data test: unique, not_null", dataTest("unique, not_null")],
  ["data test: accepted_values", dataTest("{ accepted_values: { values: [a] } }")],
  ["data test: relationships", dataTest("{ relationships: { to: ref('customers'), field: email } }")],
  ["data test: config", dataTest("{ unique: { config: { where: email is not null, severity: warn, limit: 3 } } }")],
  ["data test: expression", model("data_tests: [ { expression: { expression: id > 0 } } ]")],
  ["unit test: description, given, vars", unitTest("description: x\n    vars: { a: 1 }\n    given: []")],
  [
    "unit test: rows as csv",
    unitTest("given: [ { input: ref('customers'), format: csv, rows: \"customer_id\\n1\\n\" } ]"),
  ],
  // segments and audiences
  [
    "segment: label, description, owner, tags, tests",
    segment(
      "label: x\n    description: y\n    owner: { name: a, email: a@example.com }\n    tags: [b]\n    tests: [ { size: { min: 1 } } ]",
    ),
  ],
  [
    "segment: sql",
    {
      "models/more.yml": "segments: [ { name: more, model: customers, sql: q.sql } ]",
      "models/q.sql": "select 1 as customer_id",
    },
  ],
  ["audience: status, paused_until", audience("status: paused\n    paused_until: 2026-12-01")],
  ["audience: exclude", audience("exclude: [belgians, everybody]")],
  ["audience: limit", audience("limit: { max: 10, order_by: email desc, sticky: true }")],
  ["audience: guards", audience("guards: { growth: 50% }")],
  ["audience test: size", audience("tests: [ { size: { min: 1, max: 9 } } ]")],
  [
    "audience test: share_with_identifier",
    audience("tests: [ { share_with_identifier: { identifier: email, min: 95% } } ]"),
  ],
  [
    "audience test: disjoint_from, subset_of",
    audience("tests: [ { disjoint_from: belgians }, { subset_of: everybody } ]"),
  ],
  ["audience test: overlap", audience("tests: [ { overlap: { with: everybody, min: 1%, max: 9% } } ]")],
  ["audience test: contains", audience("tests: [ { contains: { customer_id: [1] } } ]")],
  // rules
  ["all, any, not", rule("{ all: [ { any: [ { field: country, is: FR } ] }, { not: { field: country, is: BE } } ] }")],
  [
    "is, is_not, or_null",
    rule("{ all: [ { field: country, is: FR, or_null: true }, { field: country, is_not: BE } ] }"),
  ],
  ["in, not_in", rule("{ all: [ { field: country, in: [FR] }, { field: country, not_in: [BE] } ] }")],
  [
    "gt, gte, lt, lte, between",
    rule(
      "{ all: [ { field: customer_id, gt: 1 }, { field: customer_id, gte: 1 }, { field: customer_id, lt: 1 }, { field: customer_id, lte: 1 }, { field: customer_id, between: [1, 2] } ] }",
    ),
  ],
  ["contains, starts_with", rule("{ all: [ { field: email, contains: a }, { field: email, starts_with: a } ] }")],
  ["is_null, is_not_null", rule("{ any: [ { field: email, is_null: true }, { field: email, is_not_null: true } ] }")],
  ["before, after", rule("{ all: [ { field: email, before: 2026-01-01 }, { field: email, after: { ago: 30d } } ] }")],
  [
    "within_last, not_within_last",
    rule("{ any: [ { field: email, within_last: 30d }, { field: email, not_within_last: 2y } ] }"),
  ],
  [
    "event: count, within.last, where",
    rule(
      "{ event: orders, on: customer_id, within: { field: at, last: 3y }, where: { field: channel, is: web }, count: { gte: 2 } }",
    ),
  ],
  [
    "event: sum, within.from, to",
    rule(
      "{ event: orders, on: { customer_id: customer_id }, within: { field: at, from: 2025-01-01, to: 2026-01-01 }, sum: { field: amount, gte: 1 } }",
    ),
  ],
  ["event: first", rule("{ event: orders, on: customer_id, first: { field: at, within_last: 30d } }")],
  ["event: last", rule("{ event: orders, on: customer_id, last: { field: at, before: 2026-01-01 } }")],
  [
    "related: where, match",
    rule("{ related: orders, on: customer_id, where: { field: channel, is: web }, match: all }"),
  ],
  ["in_segment, in_audience", rule("{ all: [ { in_segment: belgians }, { in_audience: everybody } ] }")],
  // syncs
  ["sync: description, tags, meta", sync("description: x\n    tags: [a]\n    meta: { b: c }")],
  ["sync: remote", sync("remote: { name: x, create: true }")],
  ["sync: on_leave", sync("on_leave: keep")],
  ["sync: on_leave: delete", sync("on_leave: delete", "record")],
  ["sync: on_leave: set", sync("on_leave: { set: { vip: false } }", "record", "upsert")],
  ["sync: initial, on_mapping_change", sync("initial: from_now\n    on_mapping_change: from_now")],
  ["sync: status, paused_until", sync("status: paused\n    paused_until: 2026-12-01")],
  ["sync: schedule", sync('schedule: { cron: "0 6 * * *", timezone: Europe/Paris }')],
  ["sync: key", sync("key: { email: email }", "record", "upsert")],
  [
    "sync: identifiers",
    sync(
      "identifiers: { email: email, phone: { from: email, default_country: { column: country, else: FR }, hashed: true } }",
    ),
  ],
  [
    "sync: mappings",
    sync('mappings: [ { to: a, from: email }, { to: b, value: 1 }, { to: c, template: "{{ email }}" } ]'),
  ],
  [
    "sync: mappings: lookup",
    {
      "destinations/crm.yml": 'destination: crm\ntype: hubspot\ncredentials: { access_token: "${env:T}" }\n',
      "models/french.yml": null,
      ...sync(
        "key: { email: email }\n    mappings: [ { to: a, lookup: { object: contact, by: { email: email } }, on_missing: omit } ]",
        "contact",
        "upsert",
      ),
    },
  ],
  ["sync: nulls", sync("nulls: clear")],
  ["sync: after", sync("after: [french_to_crm]")],
  ["sync: rejected_rows", sync("rejected_rows: { warn: 0.5%, fail: 5%, min: 20, retry: { attempts: 5, age: 24h } }")],
  ["sync: guards, alerts", sync("guards: { shrink: off }\n    alerts: { late_after: 26h }")],
  ["sync: adopt, refresh", sync("adopt: true\n    refresh: 400d")],
  // destinations and the rest
  ["destination: label, credentials", destination('label: x\ncredentials: { secret: "${env:SECRET}" }')],
  ["destination: rate_limit", destination("rate_limit: { requests: 60, per: 1min, concurrency: 2 }")],
  ["destination: retry", destination("retry: { attempts: 5, deadline: 30min }")],
  ["destination: requests.retry", destination("requests: { retry: { attempts: 5 } }")],
  ["destination: late, guards", destination("late: 15min\nguards: { shrink: 5% }")],
  [
    "destination: base_url, allow_private_network",
    {
      "destinations/more.yml":
        'destination: more\ntype: meta\ncredentials: { access_token: "${env:T}" }\nconfig: { ad_account: act_1, base_url: "https://sandbox.example.com", allow_private_network: true }\n',
    },
  ],
  [
    "a library model",
    {
      "models/more.sql":
        "select * from {{ ref('millrace.rfm', events='orders', key='customer_id', at='at', amount='amount') }}",
    },
  ],
  [
    "selectors.yml",
    { "selectors.yml": "selectors: [ { name: paid, description: x, select: tag:paid, exclude: tag:old } ]" },
  ],
];

const later: readonly (readonly [key: string, said: string, files: Files])[] = [
  [
    "notifications",
    "notifications:",
    settings('notifications: [ { type: slack, webhook: "${env:W}", on: [critical] } ]'),
  ],
  ["consent", "consent:", settings("consent: { model: consents }")],
  ["suppression", "suppression:", settings("suppression: {}")],
  ["metrics", "metrics:", settings("metrics: [ { name: repeat_purchase, model: orders } ]")],
  ["identities", "identities:", { "models/more.yml": "identities: [ { name: person } ]" }],
  ["metrics as a list", "metrics:", { "models/more.yml": "metrics: [ { name: repeat_purchase } ]" }],
  ["journeys", "journeys:", { "models/more.yml": "journeys: []" }],
  ["segment: guards", "guards: of a segment", segment("guards: { shrink: off }")],
  ["audience: purpose", "purpose:", audience("purpose: ads_personalised")],
  ["audience: holdout", "holdout:", audience("holdout: { share: 10%, salt: s, stratify: [country] }")],
  ["audience: goal", "goal:", audience("goal: { metric: repeat_purchase, within: 30d }")],
  ["audience: priority", "priority:", audience("priority: { group: g, rank: 1 }")],
  ["audience: split", "split:", audience("split: { salt: s, parts: [a, b] }")],
  ["audience: for_each", "for_each:", audience("for_each: { country: [FR, DE] }")],
  ["sync: purpose", "purpose:", sync("purpose: ads_personalised")],
  ["sync: part", "part:", sync("part: a")],
  ["sync: for_each", "for_each:", sync("for_each: { country: [FR, DE] }")],
  [
    "event: without",
    "without: (events after events)",
    rule("{ event: orders, on: customer_id, without: { event: orders, on: customer_id, within_after: 3d } }"),
  ],
  [
    "event: followed_by",
    "followed_by: (events after events)",
    rule("{ event: orders, on: customer_id, followed_by: { event: orders, on: customer_id } }"),
  ],
  [
    "within.after_field",
    "within.after_field (events after a column's time)",
    rule("{ event: orders, on: customer_id, within: { field: at, after_field: email, last: 3d } }"),
  ],
  ["privacy.yml", "privacy.yml", { "privacy.yml": "purposes: {}" }],
  ["a secret by command", "secrets by ${cmd:…}", destination('credentials: { secret: "${cmd:pass show x}" }')],
];

const problemsOf = async (files: Files) =>
  (await load({ ...world, ...files })).diagnostics.filter(({ severity }) => severity === "error");

describe("keys of this version", () => {
  it.each(built)("%s", async (_, files) => {
    expect(await problemsOf(files)).toEqual([]);
  });
});

describe("keys of later versions", () => {
  it.each(later)("%s", async (_, said, files) => {
    const [problem, ...others] = await problemsOf(files);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "E190", message: expect.stringContaining(`${said} `) as string });
    expect(problem?.message).toMatch(/(is|are) not in this version of millrace/);
    // Its own place, in the file that has it.
    expect(Object.keys(files)).toContain(problem?.at?.file);
    const line = (files[problem?.at?.file ?? ""] ?? "").split("\n")[(problem?.at?.line ?? 0) - 1];
    const word = /[a-z_]+/.exec(said.replace(/^this warehouse/, ""))?.[0] ?? "";
    if (!said.startsWith("privacy.yml") && !said.startsWith("secrets")) expect(line).toContain(word);
  });
});

/** The page that names the formats: its own examples, laid into one project. */
const page = join(process.env["MILLRACE_SHARED"] ?? "../shared", "design/formats.md");

describe.skipIf(!existsSync(page))("the examples of the formats page", () => {
  const blocks = [...(existsSync(page) ? readFileSync(page, "utf8") : "").matchAll(/```(yaml|sql)\n([\s\S]*?)```/g)];
  const [millrace, orders, customers, lapsed, account] = blocks.map(([, , text]) => text ?? "");
  const files: Files = {
    "millrace.yml": millrace ?? "",
    "models/orders.sql": orders ?? "",
    "models/customers.yml": customers ?? "",
    "models/lapsed_buyers.yml": lapsed ?? "",
    "destinations/meta_ads.yml": account ?? "",
  };

  it("have no key that is unknown, and none that is passed over", async () => {
    const { diagnostics } = await load({
      ...Object.fromEntries(Object.keys(files).map((name) => [name, null])),
      ...files,
    });
    const shape = diagnostics.filter(({ code }) => code.startsWith("E1"));
    expect(
      shape.map(({ code, message }) => `${code} ${message.replace(/ (is|are) not in this version.*/, "")}`),
    ).toEqual(["E190 notifications:", "E190 purpose:", "E190 holdout:", "E190 goal:"]);
  });
});
