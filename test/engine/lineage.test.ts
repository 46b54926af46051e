import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLineage } from "../../src/engine/lineage.ts";
import { downstreamOf, type LineageGraph, type Subject, upstreamOf } from "../../src/engine/lineage-graph.ts";
import { lineageText } from "../../src/cli/text/lineage.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { shop } from "../project/dbt/artifacts.ts";
import { type Files, loadGood } from "../project/sample.ts";

let parser: DuckDBWarehouse;
beforeAll(async () => {
  parser = await openDuckDB();
});
afterAll(() => parser.close());

/** The lineage of a project of these files, as the tree that the command prints. */
async function tree(files: Files, subject: Subject, direction: "upstream" | "downstream" = "upstream") {
  const graph = await graphOf(files, subject, direction);
  return [
    ...lineageText(graph, direction, (_colour, text) => text).split("\n"),
    ...graph.unknown.map((one) => `${one.relation}: ${one.reason}`),
  ];
}

async function graphOf(files: Files, subject: Subject, direction: "upstream" | "downstream"): Promise<LineageGraph> {
  const project = await loadGood(files, { loadCode: true });
  const lineage = await createLineage(project, parser, {});
  return direction === "upstream" ? upstreamOf(lineage, subject) : downstreamOf(project, lineage, subject);
}

const whole = (relation: string): Subject => ({ relation, column: null });
const column = (relation: string, name: string): Subject => ({ relation, column: name });

const rich: Files = {
  "models/rich.yml": `audiences:
  - name: rich
    model: customers
    sql: rich.sql
    limit: { max: 10, order_by: score desc }
    exclude: [french]
segments:
  - name: abroad
    model: customers
    where: { not: { in_audience: french } }
syncs:
  - name: rich_to_crm
    audience: rich
    destination: crm
    object: member
    mode: mirror
    identifiers: { phone: { from: email, default_country: { column: country, else: FR } } }
    mappings:
      - { to: Label, template: "{{ country }} {% if score > 1 %}{{ email }}{% endif %} {{ as_of }}" }
      - { to: fixed, value: 1 }
`,
  "models/rich.sql":
    "select customer_id, length(email) as score from {{ ref('customers') }} where country in (select country from {{ ref('abroad_people') }})",
  "models/abroad_people.sql": "select c.* from {{ ref('customers') }} c join {{ ref('abroad') }} a using (customer_id)",
};

describe("upstream", () => {
  it("of an audience: columns, then what its rules read", async () => {
    expect(await tree({}, whole("audience:french"))).toEqual([
      "audience:french",
      "  audience:french.customer_id",
      "    model:customers.customer_id",
      "      source:shop.customers.customer_id",
      "  audience:french.email",
      "    model:customers.email",
      "      source:shop.customers.email",
      "  audience:french.country",
      "    model:customers.country",
      "      source:shop.customers.country",
      "  filters model:customers.country  (is)  …",
    ]);
  });

  it("of a sync with SQL, a limit, an exclusion, templates and a column for the country", async () => {
    expect(await tree(rich, whole("sync:rich_to_crm"))).toEqual([
      "sync:rich_to_crm",
      "  sync:rich_to_crm:phone  (identifier)",
      "    audience:rich.email",
      "      model:customers.email",
      "        source:shop.customers.email",
      "    audience:rich.country",
      "      model:customers.country",
      "        source:shop.customers.country",
      "  sync:rich_to_crm:Label  (template)",
      "    audience:rich.country  …",
      "    audience:rich.email  …",
      "    audience:rich.score  (expression)",
      "      model:customers.email  …",
      "  sync:rich_to_crm:fixed  (no column)",
      "  filters audience:rich  (rows)",
      "    filters audience:french  (exclude)",
      "      filters model:customers.country  (is)  …",
      "    filters model:customers.customer_id  (sql)",
      "      source:shop.customers.customer_id",
      "    filters model:customers.country  (filter)  …",
      "    filters model:abroad_people.country  (filter)",
      "      model:customers.country  …",
      "    filters model:customers.email  (limit)  …",
    ]);
  });

  it("of SQL that reads a segment: its key, and through it nothing else", async () => {
    expect(await tree(rich, column("model:abroad_people", "customer_id"))).toEqual([
      "model:abroad_people.customer_id",
      "  model:customers.customer_id",
      "    source:shop.customers.customer_id",
    ]);
  });

  it("goes on into dbt's own models", async () => {
    expect(await tree(shop(), whole("audience:french"))).toEqual([
      "audience:french",
      "  audience:french.person_id",
      "    model:customers.person_id",
      "      model:stg_shop__people.person_id",
      "        model:raw_people.id",
      "  audience:french.email",
      "    model:customers.email",
      "      model:stg_shop__people.email",
      "        model:raw_people.email",
      "  audience:french.country",
      "    model:customers.country",
      "      model:stg_shop__people.country",
      "        model:raw_people.country",
      "  audience:french.joined",
      "    model:customers.joined",
      "      model:stg_shop__people.joined",
      "        model:raw_people.joined",
      "  audience:french.lifetime_value",
      "    model:customers.lifetime_value",
      "      model:raw_orders.amount",
      "  audience:french.last_order_at",
      "    model:customers.last_order_at",
      "      model:raw_orders.ordered_at",
      "  audience:french.two",
      "    model:customers.two  (no column)",
      "  filters model:customers.country  (is)  …",
    ]);
  });

  it("says of a model that it cannot read that it is unknown, by name", async () => {
    const files = { "models/customers.sql": "select * from {{ source('shop', 'customers') }}" };
    expect(await tree(files, whole("audience:french"))).toEqual([
      "audience:french",
      "  filters model:customers.country  (is, unknown)",
      "model:customers: * of source:shop.customers, whose columns are not all known",
    ]);
  });

  it("writes * out where a seed shows the columns", async () => {
    const files = {
      "models/customers.sql": "select * exclude (name) from {{ source('shop', 'customers') }}",
      "seeds/shop/customers.csv": "customer_id,email,country,name\n1,a@example.com,FR,Ada\n",
    };
    expect(await tree(files, column("audience:french", "email"))).toEqual([
      "audience:french.email",
      "  model:customers.email",
      "    source:shop.customers.email",
    ]);
  });
});

describe("downstream", () => {
  it("of a source's column: values and rules, to the destination's field", async () => {
    expect(await tree(rich, column("source:shop.customers", "country"), "downstream")).toEqual([
      "source:shop.customers.country",
      "  model:customers.country",
      "    audience:french.country",
      "    filters audience:french  (is)",
      "      filters segment:abroad  (in_audience)",
      "      filters sync:french_to_crm  (rows)",
      "      filters audience:rich  (exclude)",
      "        filters sync:rich_to_crm  (rows)",
      "    model:abroad_people.country",
      "      filters audience:rich  (filter)  …",
      "    audience:rich.country",
      "      sync:rich_to_crm:phone  (identifier)",
      "      sync:rich_to_crm:Label  (template)",
      "    filters audience:rich  (filter)  …",
    ]);
  });

  it("names what reads it and cannot be read itself", async () => {
    const files = { "models/broken.sql": "select x.* from {{ ref('customers') }} c, unnest([c.email]) x" };
    expect(await tree(files, column("model:customers", "email"), "downstream")).toEqual([
      "model:customers.email",
      "  audience:french.email",
      "    sync:french_to_crm:email  (identifier)",
      "model:broken: its * or COLUMNS() cannot be written out",
    ]);
  });

  it("also where DuckDB's parser cannot read it", async () => {
    const files = {
      "models/broken.sql": "select * from (pivot {{ ref('customers') }} on country using count(*))",
      "models/apart.sql": "select * from (pivot {{ source('shop', 'customers') }} on country using count(*))",
    };
    expect(await tree(files, column("model:customers", "email"), "downstream")).toEqual([
      "model:customers.email",
      "  audience:french.email",
      "    sync:french_to_crm:email  (identifier)",
      "model:broken: DuckDB does not parse it: Only SELECT statements can be serialized to json!",
    ]);
  });
});
