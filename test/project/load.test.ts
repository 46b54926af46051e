import { describe, expect, it } from "vitest";
import { load, loadGood, told } from "./sample.ts";

describe("loadProject", () => {
  it("reads a whole project", async () => {
    const project = await loadGood();
    expect(project.name).toBe("shop");
    expect([
      ...project.models.keys(),
      ...project.audiences.keys(),
      ...project.syncs.keys(),
      ...project.destinations.keys(),
    ]).toEqual(["customers", "french", "french_to_crm", "crm"]);
    expect(project.vars).toEqual({ history_start: "2020-01-01", as_of: "2026-01-31T06:00:00.000Z" });
    expect(project.models.get("customers")?.spec).toEqual({
      name: "customers",
      tags: [],
      meta: {},
      materialize: "view",
      primary_key: ["customer_id"],
      identifiers: { email: "email" },
      columns: [],
      data_tests: [],
      null_keys: 0.01,
    });
    expect(project.audiences.get("french")?.spec).toEqual({
      name: "french",
      tags: [],
      meta: {},
      model: "customers",
      where: { field: "country", is: "FR" },
      tests: [],
      guards: {},
      status: "active",
      exclude: [],
    });
    expect(project.destinations.get("crm")?.outbox).toBe(true);
    expect(project.destinations.get("crm")?.definition.name).toBe("webhook");
  });

  it("tells every problem at once, sorted by place", async () => {
    const { project, diagnostics } = await load({
      "models/french.yml": [
        "audiences:",
        "  - name: french",
        "    model: customers",
        "    identifers: [email]",
        "    where: { feild: country, is: FR }",
        "syncs:",
        "  - { name: Bad-Name, audience: french, destination: crm, object: member, mode: miror, initial: x }",
        "  - { name: no_mode, audience: french, destination: crm }",
      ].join("\n"),
    });
    expect(project).toBeNull();
    expect(told(diagnostics)).toMatchInlineSnapshot(`
      [
        "E102 models/french.yml:4:5 unknown key "identifers" in audience "french"",
        "E102 models/french.yml:5:14 unknown key "feild" in audience "french"",
        "E112 models/french.yml:7:13 "Bad-Name" is no name: small letters, digits and single underscores, a letter first, at most 63, in sync "Bad-Name"",
        "E105 models/french.yml:7:81 expected mirror or upsert or add or update or remove or append, found "miror", in sync "Bad-Name"",
        "E105 models/french.yml:7:97 expected backfill or from_now, found "x", in sync "Bad-Name"",
        "E103 models/french.yml:8:5 the key "mode" is missing in sync "no_mode"",
        "E103 models/french.yml:8:5 the key "object" is missing in sync "no_mode"",
      ]
    `);
  });
});
