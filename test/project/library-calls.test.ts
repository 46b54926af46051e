/** Calls of the library: what they may say, and that the project then knows them as models. */
import { describe, expect, it } from "vitest";
import { buildGraph } from "../../src/project/graph.ts";
import { changedParts, manifestOf } from "../../src/project/manifest.ts";
import { callsOf, parseTemplate } from "../../src/project/template.ts";
import { load, loadGood, told } from "./sample.ts";

const sessions = (more: string): string => `select * from {{ ref('millrace.sessions', ${more}) }}`;
const good = "events='customers', key='customer_id', at='seen_at'";

describe("a call that does not fit is an error at its place", () => {
  it.each([
    [
      "an unknown model, with the nearest",
      "select * from {{ ref('millrace.session', events='customers') }}",
      "E245 models/more.sql:1:15",
      'the library has no model "session"',
      'did you mean "sessions"?',
    ],
    [
      "an unknown parameter",
      sessions(`${good},\n  gaps='1h'`),
      "E246 models/more.sql:2:3",
      'millrace.sessions has no parameter "gaps"',
      'did you mean "gap"?',
    ],
    [
      "a missing one",
      sessions("events='customers', key='customer_id'"),
      "E246 models/more.sql:1:15",
      "millrace.sessions needs at=",
      "When it happened.",
    ],
    ["one twice", sessions(`${good}, key='email'`), "E246 models/more.sql:1:96", "key= stands twice", undefined],
    [
      "a duration that could be two",
      sessions(`${good}, gap='5m'`),
      "E246 models/more.sql:1:96",
      'gap= takes a duration like 30min or 3d, not "5m"',
      undefined,
    ],
    [
      "a number for a name",
      sessions("events=1, key='customer_id', at='seen_at'"),
      "E246 models/more.sql:1:43",
      'events= takes the name of a model, or source.table, not "1"',
      undefined,
    ],
    [
      "a model that is not there",
      sessions("events='custmers', key='customer_id', at='seen_at'"),
      "E201 models/more.sql:1:43",
      'there is no model called "custmers"',
      'did you mean "customers"?',
    ],
    [
      "a table that is not there",
      sessions("events='shop.customer', key='customer_id', at='seen_at'"),
      "E202 models/more.sql:1:43",
      'source "shop" has no table "customer"',
      'did you mean "customers"?',
    ],
    [
      "two columns of one name",
      "select * from {{ ref('millrace.first_last', events='customers', key='customer_id', at='seen_at', value='at') }}",
      "E246 models/more.sql:1:15",
      'millrace.first_last would give two columns called "first_at"',
      "give the column another name in a model of your own, and name that model here",
    ],
    [
      "a value without a name",
      "select * from {{ ref('millrace.sessions', 'customers') }}",
      "E214 models/more.sql:1:15",
      "a model of the library takes its arguments by name",
      "ref('millrace.rfm', events='orders', …)",
    ],
    [
      "arguments of a model that is no library's",
      "select * from {{ ref('customers', key='x') }}",
      "E214 models/more.sql:1:15",
      "only models of the library take arguments by name",
      "ref('millrace.rfm', events='orders', …)",
    ],
    [
      "itself",
      sessions("events='more', key='customer_id', at='seen_at'"),
      "E210 models/more.sql:1:1",
      expect.stringMatching(/^a cycle: (millrace\.sessions\.[0-9a-f]{10}) -> more -> \1$/),
      "take one of these references out",
    ],
  ])("%s", async (_what, sql, place, message, hint) => {
    const { diagnostics } = await load({ "models/more.sql": sql });
    expect(
      diagnostics.map((each) => [told([each])[0]!.split(" ").slice(0, 2).join(" "), each.message, each.hint]),
    ).toEqual([[place, message, hint]]);
  });

  it.each([
    ["E246", `key='customer_id" from x; drop table y; --'`],
    ["E246", `key="a' or '1'='1"`],
    ["E246", `key='{{ var("as_of") }'`],
    ["E246", "key=''"],
    ["E246", "gap='30min; select 1'"],
    ["E246", `gap="1d' or true"`],
    ["E246", `events='customers"'`],
    ["E246", "events='a.b.c'"],
    ["E246", "events='shop.customers; drop'"],
    ["E214", "gap='1 day'' or 1=1'"],
    ["E214", `events="shop.customers') }} x {{ ref('customers"`],
  ])("%s: nothing but names and durations gets into SQL: %s", async (code, attack) => {
    const name = attack.split("=")[0]!;
    const others = good.split(", ").filter((each) => !each.startsWith(`${name}=`));
    const { project, diagnostics } = await load({ "models/more.sql": sessions([...others, attack].join(", ")) });
    expect(project).toBeNull();
    expect(new Set(diagnostics.map((each) => each.code))).toEqual(new Set([code]));
  });
});

describe("a call that fits is a model of the project", () => {
  const files = {
    "models/visits.sql": `select * from {{ source('shop', 'customers') }}`,
    "models/more.sql": sessions("events='visits', key='customer_id', at='seen_at'"),
    "models/again.sql": sessions(`at = "seen_at", key='customer_id',\n  events='visits',`),
    "models/other.sql": sessions("events='shop.customers', key='customer_id', at='seen_at'"),
  };

  it("that stands between what it names and who calls it; equal calls are one", async () => {
    const graph = buildGraph(await loadGood(files));
    const calls = [...graph.nodes.values()].filter(({ name }) => name.startsWith("millrace."));
    expect(calls.map(({ parents, children, file }) => ({ parents, children, file }))).toEqual(
      expect.arrayContaining([
        { parents: ["model:visits"], children: ["model:again", "model:more"], file: "models/again.sql" },
        { parents: ["source:shop.customers"], children: ["model:other"], file: "models/other.sql" },
      ]),
    );
    expect(calls).toHaveLength(2);
    expect([...graph.upstream("model:more")]).toEqual([
      expect.stringMatching(/^model:millrace\.sessions\./),
      "model:visits",
      "source:shop.customers",
    ]);
  });

  it("whose text counts for state:modified: a release that changes it changes the hash of the call", async () => {
    const project = await loadGood(files);
    const before = manifestOf(project, buildGraph(project));
    const call = [...project.models.values()].find(({ library }) => library !== undefined);
    const released = { ...call!, sql: `${call!.sql}\nlimit 5` };
    const next = { ...project, models: new Map([...project.models, [released.name, released]]) };
    const changed = manifestOf(next, buildGraph(next)).resources.filter(
      (resource) => changedParts(before, resource)?.length !== 0,
    );
    expect(changed.map(({ id }) => id)).toEqual([`model:${call!.name}`]);
  });

  it("with a default in its SQL, and the names it was given", async () => {
    const project = await loadGood(files);
    const call = [...project.models.values()].find(({ name }) => name.startsWith("millrace."));
    expect(callsOf(parseTemplate(call!.sql)).map((each) => each.word === "ref" && each.name)).toContain("visits");
    expect(call!.sql).toContain(`interval '30 minutes'`);
    expect(call!.sql).toContain(`subject as "customer_id"`);
    expect(call!.spec.columns.map(({ name }) => name)).toContain("customer_id");
  });
});
