/** `warehouse:` of BigQuery and Snowflake: what may be written, and what is said of the rest. */
import { describe, expect, it } from "vitest";
import { load } from "./sample.ts";

const loaded = (warehouse: string, more = "") =>
  load({
    "models/more.yml": more,
    "millrace.yml": `version: 1\nname: shop\nvars: { history_start: x }\nenvironments:\n  prod:\n    prod: true\n    warehouse: ${warehouse}\n`,
  });

const snowflake = (connection: string, more = "") =>
  `{ type: snowflake, connection: { account: acme-eu, user: MILLRACE${connection} }, database: DWH${more} }`;

describe("environments in the cloud", () => {
  it("BigQuery, with every key", async () => {
    const { project, diagnostics } = await loaded(
      "{ type: bigquery, connection: { project: acme-dwh-384712, location: EU, credentials: '${file:/run/secrets/gcp.json}', impersonate: m@acme.example.com }, dataset: analytics, ledger_schema: led, model_schema: mods, max_bytes_billed: 50GB, price_per_tib: 7.5 }",
    );
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(project?.environment.warehouse).toEqual({
      type: "bigquery",
      connection: {
        project: "acme-dwh-384712",
        location: "EU",
        credentials: "${file:/run/secrets/gcp.json}",
        impersonate: "m@acme.example.com",
      },
      dataset: "analytics",
      ledger_schema: "led",
      model_schema: "mods",
      max_bytes_billed: 50_000_000_000,
      price_per_tib: 7.5,
    });
  });

  it("Snowflake, with every key", async () => {
    const { project, diagnostics } = await loaded(
      snowflake(", private_key: '${env:KEY}', passphrase: '${env:PASS}'", ", warehouse: XS, role: MILLRACE"),
    );
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(project?.environment.warehouse).toMatchObject({ type: "snowflake", database: "DWH", role: "MILLRACE" });
  });

  it("needs no sample data of sources, also where files say its types", async () => {
    const seeds = "seeds: [ { name: raw.people, column_types: { phone: varchar } } ]\n";
    const { diagnostics } = await loaded("{ type: bigquery, connection: { project: x } }", seeds);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const bare = await loaded("{ type: bigquery, connection: { project: x } }", seeds.replace("raw.people", "people"));
    expect(bare.diagnostics.map(({ code }) => code)).toContain("E201");
  });

  it.each([
    ["no project", "{ type: bigquery, connection: { location: EU } }", "E103", "project"],
    ["no connection", "{ type: bigquery }", "E103", "connection"],
    ["a misspelt key", "{ type: bigquery, connection: { project: x, lokation: EU } }", "E102", "lokation"],
    ["a size", "{ type: bigquery, connection: { project: x }, max_bytes_billed: lots }", "E105", "50GB"],
    [
      "an open address",
      "{ type: bigquery, connection: { project: x, endpoint: 'http://dwh.example.com' } }",
      "E105",
      "https",
    ],
    ["nothing to sign in with", snowflake(""), "E103", "sign in"],
    ["two ways to sign in", snowflake(", token: '${env:T}', password: '${env:P}'"), "E105", "token and password"],
    ["a password in the file", snowflake(", password: 'k3J9xQ2vB7nM4pL8sD1f'"), "E330", "looks like a key"],
    ["no database", "{ type: snowflake, connection: { account: a, user: u, token: '${env:T}' } }", "E103", "database"],
    [
      "the journal of a file elsewhere",
      "{ type: duckdb, seeds: seeds }\n    journal: warehouse",
      "E105",
      "a file on the disk",
    ],
    ["seeds", "{ type: bigquery, connection: { project: x }, seeds: seeds }", "E102", "seeds"],
  ])("%s", async (_, warehouse, code, said) => {
    const { diagnostics } = await loaded(warehouse);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map((error) => error.code)).toEqual([code]);
    expect(`${errors[0]?.message} ${errors[0]?.hint}`).toContain(said);
    expect(errors[0]?.at).toMatchObject({ file: "millrace.yml" });
  });
});
