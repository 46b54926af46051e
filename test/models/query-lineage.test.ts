import { describe, expect, it } from "vitest";
import { queryLineage, type Sdk } from "../../src/models/query-lineage.ts";
import type { PlainSelect } from "../../src/models/plain-select.ts";

/** Of `select id, email from people semi join orders …`. */
const plain: PlainSelect = {
  tree: {},
  relations: new Map([
    ["r0", "source:shop.people"],
    ["r1", "source:shop.orders"],
  ]),
  bare: new Set(),
  aliases: new Map(),
  columns: { names: ["id", "email"], complete: true },
  doubts: [],
  unclear: [],
};

const read = (name: string, column = name) => ({
  name,
  isStar: false,
  transformKind: "direct",
  upstream: [{ sourceName: "r0", sourceAlias: "p", sourceKind: "table", table: "r0", column }],
});
const right = {
  ctes: [],
  projections: [read("id"), read("email")],
  relations: [],
  baseTables: [{ name: "r0" }, { name: "r1" }],
  setOperations: [],
  columnUses: [],
};

const lineageBy = (answer: object) =>
  queryLineage({ analyzeQuery: () => answer } as Sdk, { sql: "", plain, columnsOf: () => null });

const unknown = (why: string) => ({
  columns: ["id", "email"].map((name) => ({ name, inputs: null, how: null })),
  complete: true,
  filters: [],
  reads: ["source:shop.people", "source:shop.orders"],
  doubts: [why],
});

describe("what the SDK says is taken only where it can be checked", () => {
  it("takes what fits", () => {
    expect(lineageBy({ success: true, analysis: right }).columns).toEqual(
      ["id", "email"].map((name) => ({
        name,
        inputs: [{ relation: "source:shop.people", column: name }],
        how: "copy",
      })),
    );
  });

  it.each([
    [
      "a table that it leaves out",
      { success: true, analysis: { ...right, baseTables: [{ name: "r0" }] } },
      "the parser does not see that it reads source:shop.orders",
    ],
    [
      "other columns than DuckDB's parser finds",
      { success: true, analysis: { ...right, projections: [read("id"), read("mail")] } },
      "the parser sees other columns than there are",
    ],
    [
      "a column too many",
      { success: true, analysis: { ...right, projections: [...right.projections, read("name")] } },
      "the parser sees other columns than there are",
    ],
    [
      "SQL that it does not parse",
      { success: false, error: "Parse error at line 1\nand more" },
      "the parser does not understand it: Parse error at line 1",
    ],
  ])("%s", (_what, answer, why) => {
    expect(lineageBy(answer)).toEqual(unknown(why));
  });
});
