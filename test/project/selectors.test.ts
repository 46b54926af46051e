import { describe, expect, it } from "vitest";
import { buildGraph } from "../../src/project/graph.ts";
import { manifestOf } from "../../src/project/manifest.ts";
import { select, type Selection } from "../../src/project/selectors.ts";
import { loadGood } from "./sample.ts";

const files = {
  "models/orders.sql": "select 1 as order_id, 2 as customer_id from {{ ref('customers') }}",
  "models/more.yml": [
    "segments:",
    "  - { name: buyers, model: customers, where: { event: orders, on: customer_id }, owner: { name: Growth, email: growth@example.com } }",
    "audiences:",
    "  - { name: vip, tags: [paid], model: customers, where: { all: [ { in_segment: buyers }, { field: country, is: FR } ] } }",
    "syncs:",
    "  - { name: vip_to_crm, tags: [paid], audience: vip, destination: crm, object: member, mode: mirror, status: paused }",
  ].join("\n"),
  "selectors.yml": "selectors:\n  - { name: nightly, select: 'tag:paid french', exclude: 'type:sync' }\n",
};
async function ids(selection: Selection): Promise<readonly string[]> {
  const project = await loadGood(files);
  return select(project, buildGraph(project), selection).map(({ id }) => id);
}
const one = (...expressions: string[]): Promise<readonly string[]> => ids({ select: expressions });

describe("select", () => {
  it.each([
    ["vip", ["audience:vip"]],
    ["+vip", ["source:shop.customers", "model:customers", "model:orders", "segment:buyers", "audience:vip"]],
    ["1+vip", ["model:customers", "segment:buyers", "audience:vip"]],
    ["vip+", ["audience:vip", "sync:vip_to_crm", "destination:crm"]],
    ["vip+1", ["audience:vip", "sync:vip_to_crm"]],
    ["1+buyers+1", ["model:customers", "model:orders", "segment:buyers", "audience:vip"]],
    ["tag:paid", ["audience:vip", "sync:vip_to_crm"]],
    ["tag:paid,type:sync", ["sync:vip_to_crm"]],
    ["french vip", ["audience:french", "audience:vip"]],
    ["owner:growth", ["segment:buyers"]],
    ["owner:GROWTH@example.com", ["segment:buyers"]],
    ["destination:crm", ["sync:french_to_crm", "sync:vip_to_crm"]],
    ["status:paused", ["sync:vip_to_crm"]],
    ["path:models/more.yml", ["segment:buyers", "audience:vip", "sync:vip_to_crm"]],
    ["path:models/orders.sql", ["model:orders"]],
    ["*_to_crm", ["sync:french_to_crm", "sync:vip_to_crm"]],
    ["audience:*", ["audience:french", "audience:vip"]],
    ["selector:nightly", ["audience:french", "audience:vip"]],
  ])("%s", async (expression, expected) => {
    expect(new Set(await one(expression))).toEqual(new Set(expected));
  });

  it("puts parents first, leaves out what is excluded, and takes named selectors", async () => {
    expect(await ids({ select: ["+vip"], exclude: ["type:source", "orders"] })).toEqual([
      "model:customers",
      "segment:buyers",
      "audience:vip",
    ]);
    expect(await ids({ selector: "nightly" })).toEqual(await one("selector:nightly"));
    expect(await ids({})).toHaveLength(9);
  });

  it("asks the CLI for results, due and git", async () => {
    expect(await ids({ select: ["result:failed"], results: new Map([["vip_to_crm", ["failed"]]]) })).toEqual([
      "sync:vip_to_crm",
    ]);
    expect(await ids({ select: ["due:now"], isDue: (name) => name === "french_to_crm" })).toEqual([
      "sync:french_to_crm",
    ]);
    expect(
      await ids({ select: ["git:main+1"], changedFiles: (ref) => (ref === "main" ? ["models/orders.sql"] : []) }),
    ).toEqual(["model:orders", "segment:buyers"]);
  });

  it.each([
    ["tag:piad", "E020", 'did you mean "tag:paid" (2 resources)?\nto accept an empty selection: --allow-empty'],
    ["vpi", "E020", 'did you mean "vip" (1 resource)?\nto accept an empty selection: --allow-empty'],
    ["tga:paid", "E022", 'did you mean "tag"?'],
    ["due:later", "E022", "due:now"],
    ["state:modified", "E022", "--state DIR, a folder with the target/manifest.json of then"],
    ["selector:nightly2", "E023", 'did you mean "nightly"?'],
    ["french vpi", "E020", 'did you mean "vip" (1 resource)?\nto accept an empty selection: --allow-empty'],
  ])("%s is %s", async (expression, code, hint) => {
    await expect(one(expression)).rejects.toMatchObject({ exit: 64, diagnostics: [{ code, hint }] });
  });

  it("accepts nothing when asked to", async () => {
    expect(await ids({ select: ["tag:none"], allowEmpty: true })).toEqual([]);
    await expect(ids({ select: ["due:now"] })).rejects.toMatchObject({ diagnostics: [{ code: "E020" }] });
  });
});

describe("state", () => {
  it("selects what changed since a manifest, and says where", async () => {
    const before = await loadGood(files);
    const state = JSON.parse(JSON.stringify(manifestOf(before, buildGraph(before))));
    const after = await loadGood({
      ...files,
      "models/more.yml": files["models/more.yml"]
        .replace("is: FR", "is: BE")
        .replace("mode: mirror,", "mode: mirror, nulls: clear,"),
      "models/orders.sql": `${files["models/orders.sql"]}   \r\n`,
      "models/new.sql": "select 1 as x",
    });
    const why = (expression: string) =>
      select(after, buildGraph(after), { select: [expression], state, allowEmpty: true }).map(
        ({ id, why: reason }) => `${id} ${reason}`,
      );
    expect(why("state:modified.where")).toEqual(["audience:vip where changed, models/more.yml:4"]);
    expect(why("state:modified.mapping")).toEqual(["sync:vip_to_crm mapping changed, models/more.yml:6"]);
    expect(why("state:new")).toEqual(["model:new new"]);
    expect(why("state:modified.where+1")).toEqual([
      "audience:vip where changed, models/more.yml:4",
      "sync:vip_to_crm via audience:vip (where changed, models/more.yml:4)",
    ]);
  });
});
