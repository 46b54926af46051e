import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isForkPullRequest } from "../../src/project/destinations.ts";
import { loadProject } from "../../src/project/load.ts";
import { isLoopback } from "../../src/project/rules/real-destinations.ts";
import { load, loadGood, now, projectFolder, told } from "./sample.ts";

const own = (top: string, body = "") => `${top}
import { z } from "zod";
import { defineDestination, defineObject } from "millrace/destination";
${body}
export default defineDestination({
  name: "own", describe: "Ours.", docs: "https://example.com", auth: { type: "none" }, effects: ["http"], hosts: () => ["own.example.com"],
  config: z.object({ team: z.string().describe("Team."), size: z.number().default(5).describe("Size.") }), credentials: z.object({ token: z.string().optional().describe("Token.") }),
  objects: { member: defineObject({ describe: "x", kind: "membership", ops: ["add", "remove"], delivery: "set", identify: "key", identifiers: {}, fields: {}, limits: { rows: 10 }, *deliver() { return []; } }) },
});`;
const account = "destination: crm\ntype: own\nconfig: { team: a }\ncredentials: { token: '${env:OWN_TOKEN}' }\n";

const event = (head: string) =>
  JSON.stringify({
    pull_request: { head: { repo: { full_name: head } }, base: { repo: { full_name: "us/shop" } } },
  });

const environment = (destinations: string) => ({
  "millrace.yml": `version: 1\nname: shop\nvars: { history_start: x }\nenvironments:\n  dev:\n    prod: true\n    warehouse: { type: duckdb, seeds: seeds }\n    destinations: ${destinations}\nprivacy: none\n`,
});

const read = (file: string) => (file === "same" ? event("us/shop") : file === "fork" ? event("them/shop") : "{");

describe("users' own types", () => {
  it("are not run by validate, and run where asked: TypeScript, relative files, the running kit", async () => {
    const files = {
      "destinations/crm.yml": account,
      "destinations/own.ts": own('import { size } from "./lib/size.ts";', "const check: number = size;"),
      "destinations/lib/size.ts": "export const size = 3;",
    };
    const quiet = await loadGood(files);
    expect(quiet.destinations.get("crm")).toMatchObject({ loaded: false, definition: { name: "own", objects: {} } });
    const loaded = await loadGood(files, { loadCode: true });
    expect(loaded.destinations.get("crm")).toMatchObject({ loaded: true, spec: { config: { team: "a", size: 5 } } });
    expect(Object.keys(loaded.destinations.get("crm")?.definition.objects ?? {})).toEqual(["member"]);
  });

  it.each([
    [
      "another module",
      own('import fs from "node:fs";', "console.log(fs);"),
      '"node:fs" may not be imported: only millrace/destination, zod, node:crypto and relative files of the project',
    ],
    [
      "a file outside",
      own('import x from "../../outside.ts";', "console.log(x);"),
      '"../../outside.ts" may not be imported: only millrace/destination, zod, node:crypto and relative files of the project',
    ],
    [
      "a dynamic import",
      own("", 'const x = () => import("child_process");'),
      '"child_process" may not be imported: only millrace/destination, zod, node:crypto and relative files of the project',
    ],
    ["no definition", "export default 3;", "the file must default-export defineDestination({ … })"],
    ["an error while loading", own("", 'throw new Error("boom");'), "the code failed while loading: boom"],
    ["no JavaScript", "export default {{{", 'the code does not compile (line 1): Expected identifier but found "{"'],
  ])("%s is E223", async (_name, code, message) => {
    const { diagnostics } = await load(
      { "destinations/crm.yml": account, "destinations/own.ts": code },
      { loadCode: true },
    );
    expect(told(diagnostics)).toEqual([`E223 destinations/own.ts:1:1 destinations/own.ts: ${message}`]);
  });

  it.each([
    [{}, false],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push" }, false],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: "same" }, false],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request_target", GITHUB_EVENT_PATH: "fork" }, true],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: "broken" }, true],
  ])("a fork's pull request: %j is %s", (env, expected) => {
    expect(isForkPullRequest(env, read)).toBe(expected);
  });
});

describe("configuration", () => {
  it("is checked against the type, at its place, secrets standing for any text", async () => {
    const { diagnostics } = await load(
      {
        "destinations/crm.yml":
          "destination: crm\ntype: own\nconfig: { teem: a, size: big }\ncredentials: { token: '${env:T}', other: 1 }\n",
        "destinations/own.mjs": own(""),
        "millrace.yml":
          "version: 1\nname: shop\nvars: { history_start: x }\nprivacy: none\nenvironments: { dev: { prod: true, warehouse: { type: duckdb, seeds: seeds } } }",
      },
      { loadCode: true },
    );
    expect(told(diagnostics)).toEqual([
      'E102 destinations/crm.yml:3:11 unknown key "teem" in config of destination "crm" (own)',
      'E104 destinations/crm.yml:3:26 expected a number, found "big", in config of destination "crm" (own)',
      'E102 destinations/crm.yml:4:35 unknown key "other" in credentials of destination "crm" (own)',
    ]);
  });

  it("is laid over by the environment: the exact name before *", async () => {
    const project = await loadGood(
      environment(
        "{ '*': { use: file }, crm: { config: { url: 'https://other.example.com/x' }, rate_limit: { requests: 3, per: 1min } } }",
      ),
    );
    expect(project.destinations.get("crm")).toMatchObject({
      outbox: false,
      spec: { config: { url: "https://other.example.com/x" }, rate_limit: { requests: 3, perSeconds: 60 } },
    });
    expect((await loadGood(environment("{ '*': { use: file } }"))).destinations.get("crm")?.outbox).toBe(true);
  });

  it("points into millrace.yml for what stands there", async () => {
    const { diagnostics } = await load(environment("{ crm: { config: { url: 3 } } }"));
    expect(diagnostics.map(({ at }) => at)).toMatchObject([{ file: "millrace.yml", line: 8, column: 43 }]);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.8.9.1:8080", true],
  ["[::1]:80", true],
  ["localhost:4400", true],
  ["localhost.example.com", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example.com", false],
])("%s is this machine: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe("paths (S07)", () => {
  it("follows no link out of the project, unless allow_paths has the folder", async () => {
    const outside = await projectFolder({ "models/extra.sql": "select 1 as x" });
    const root = await projectFolder({});
    await symlink(path.join(outside, "models"), path.join(root, "models/linked"));
    expect(told((await loadProject({ projectDir: root, now })).diagnostics)).toEqual([
      'E341 models/linked:1:1 "models/linked" leads outside the project',
    ]);
  });

  it.each(["../../etc/passwd", "/etc/passwd", "..\\\\..\\\\x", "C:/x", "a/../../x"])("refuses %s", async (file) => {
    const { diagnostics } = await load({
      "models/more.yml": `sources:\n  - { name: more, tables: [ { name: t, file: "${file}" } ] }`,
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["E341"]);
  });
});
