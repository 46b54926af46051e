import { mentions } from "../mentions.ts";
import { report, type ValidationRule } from "./rule.ts";
import { exampleManifest } from "./dbt-example.ts";

/** A name that dbt has, of something that cannot be read: ephemeral, or of two packages. */
export const dbtUnusable: ValidationRule = {
  code: "E248",
  severity: "error",
  *check({ project }) {
    for (const { kind, name, at } of mentions(project)) {
      const why = kind === "model" || kind === "any" ? project.dbt?.unusable.get(name) : undefined;
      if (why !== undefined)
        yield report(
          dbtUnusable,
          `dbt has "${name}", but ref() cannot read it: ${why}`,
          at(),
          "ref() a node that dbt builds as a table, view, incremental, seed or snapshot",
        );
    }
  },
  valid: { ...exampleManifest(), "models/more.sql": "select * from {{ ref('orders') }}" },
  invalid: { ...exampleManifest(), "models/more.sql": "select * from {{ ref('passing') }}" },
};
